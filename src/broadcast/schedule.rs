//! tmp
use crate::domain::broadcast::*;use crate::domain::clock::Timestamp;use crate::domain::ids::IdSource;use crate::store::{Db,StoreResult};
pub enum Due{NotYet,Start,Missed}
pub fn due(at:Timestamp,now:Timestamp)->Due{ if at>now {Due::NotYet} else if now-at>LATE_WITHIN {Due::Missed} else {Due::Start}}
pub struct News{pub broadcast:Broadcast}
impl News{pub fn view(&self,zone:crate::domain::calendar::Zone)->BroadcastView{BroadcastView::Missed{planned:self.broadcast.plan.start_at,zone}}}
pub async fn tick(_d:&Db,_i:&IdSource,_n:Timestamp)->StoreResult<Vec<News>>{Ok(Vec::new())}
