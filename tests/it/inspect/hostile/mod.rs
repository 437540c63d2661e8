//! Files made to do harm, by the sort of reader that they are made for.

mod media;
