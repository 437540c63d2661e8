//! Bells between processes.

use futures_util::FutureExt as _;
use primelingo::cache::{Cache, CacheState, Doorbell, Listener};
use primelingo::domain::ids::ChatId;

use super::{in_memory, named, until, with};
use crate::support::bot::bounded;
use crate::support::redis::Redis;

/// Rings until it is heard: a subscription may not be there yet.
async fn rung(from: &Cache, to: &mut Listener, bell: Doorbell) {
    bounded("the bell", async || {
        from.doorbells.publish(bell.clone());
        let heard = tokio::time::timeout(std::time::Duration::from_millis(50), to.next()).await;
        heard.is_ok_and(|heard| heard == Some(bell.clone())).then_some(())
    })
    .await;
}

#[tokio::test]
async fn in_memory_there_is_nobody_to_hear() {
    let cache = in_memory();
    let mut listener = cache.doorbells.listen();
    cache.doorbells.publish(Doorbell::Jobs);
    assert_eq!(listener.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_hear_each_bell_and_who_rings_does_not() {
    let redis = Redis::start();
    let (one, other) = (with(&redis).await, with(&redis).await);
    let (mut here, mut there) = (one.doorbells.listen(), other.doorbells.listen());
    let chats = Doorbell::Chats(vec![ChatId(-100_123), ChatId(7)]);
    for bell in [chats, Doorbell::Outbox, Doorbell::Jobs, Doorbell::Lease] {
        rung(&one, &mut there, bell).await;
    }
    rung(&other, &mut here, Doorbell::Lease).await;
    assert_eq!(here.next().now_or_never(), None, "its own bells are not heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn installations_do_not_ring_each_other() {
    let redis = Redis::start();
    let (one, other) = (with(&redis).await, with(&redis).await);
    let stranger = named(&redis, "stranger");
    until(&stranger, CacheState::Shared).await;
    let (mut there, mut abroad) = (other.doorbells.listen(), stranger.doorbells.listen());
    rung(&one, &mut there, Doorbell::Jobs).await;
    let friend = named(&redis, "stranger");
    until(&friend, CacheState::Shared).await;
    // The first that the stranger hears is what its own kind rings.
    rung(&friend, &mut abroad, Doorbell::Outbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bells_ring_again_after_each_sort_of_outage() {
    let mut redis = Redis::start();
    let (one, other) = (with(&redis).await, with(&redis).await);
    let mut there = other.doorbells.listen();
    rung(&one, &mut there, Doorbell::Jobs).await;

    redis.disconnect_all();
    rung(&one, &mut there, Doorbell::Jobs).await;

    redis.stop();
    one.doorbells.publish(Doorbell::Outbox);
    redis.start_again();
    // What may have been missed is rung for, though nobody rings.
    bounded("a ring for everything", async || {
        (there.next().now_or_never() == Some(Some(Doorbell::Lease))).then_some(())
    })
    .await;
    rung(&one, &mut there, Doorbell::Chats(vec![ChatId(1)])).await;
}
