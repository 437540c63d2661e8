//! stub until merge

use crate::domain::outgoing;
use crate::store::records::NewOutbox;
use actix::Message;

/// rows just committed
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Dispatch(pub Vec<NewOutbox>);

/// free path
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Answer(pub outgoing::Answer);
