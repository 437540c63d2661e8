//! Files that came from another bot by their handles: on the shelf at once, looked into afterwards.

use std::time::Duration;

use primelingo::domain::clock::{Clock as _, SystemClock};
use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::event::FileRef;
use primelingo::domain::ids::{JobId, MaterialId, UserId};
use primelingo::domain::inspection::{Inspection, Kind};
use primelingo::domain::material::{Description, Material, MaterialState};
use primelingo::library::terms;
use primelingo::store::records::{AdoptedFile, NewMaterial};

use super::rig::{QUEUE, Rig, file_ref, until};
use super::{assert_none, assert_stored, data, search};

async fn adopt(rig: &Rig, id: i64, file: FileRef, title: &str) {
    let now = SystemClock.now();
    let material = NewMaterial {
        id: MaterialId(id),
        file,
        description: Description { title: Some(title.to_owned()), ..Description::default() },
        uploader: UserId(0),
        hash: None,
        inspection: Inspection::default(),
        preview: None,
        part_terms: Vec::new(),
        terms: terms::of_material(title, ""),
    };
    let job = NewJob {
        id: JobId(id),
        kind: JobKind::AdoptFile { material: MaterialId(id) },
        fairness_key: 0,
        priority: Priority::Housekeeping,
        not_before: None,
    };
    let file = AdoptedFile { material, created_at: now, job };
    rig.db.adopt_files(vec![file], QUEUE.to_owned(), now).await.unwrap();
}

async fn looked_into(rig: &Rig, id: i64) -> Material {
    let sql = format!("SELECT count(*) FROM jobs WHERE id = {id} AND state = 'done'");
    until("the job to be done", || async { (rig.number(&sql) == 1).then_some(()) }).await;
    rig.db.material_get(MaterialId(id)).await.unwrap().unwrap()
}

#[actix_rt::test]
async fn an_adopted_file_is_found_at_once_and_inside_later() {
    let rig = Rig::new().await;
    let book = data("crazyones.pdf");
    adopt(&rig, 1, rig.file_at(&book, "c.pdf").await, "Manifesto").await;
    assert_eq!(search(&rig, "manifesto").await.titles.len(), 1);
    assert!(search(&rig, "see things differently").await.parts.is_empty());

    let _house = rig.start(1);
    let material = looked_into(&rig, 1).await;
    assert_eq!((material.state, material.kind), (MaterialState::Published, Kind::Book));
    assert_eq!(material.title, "Manifesto");
    assert!(material.hash.is_some());
    assert_stored(&rig, &book);
    let found = search(&rig, "see things differently").await;
    assert_eq!(found.parts[0].material, MaterialId(1));
}

/// Too large to be fetched, locked, gone, or there already: it is delivered as before.
#[actix_rt::test]
async fn an_adopted_file_that_cannot_be_looked_into_stays_on_the_shelf() {
    let rig = Rig::new().await;
    let book = data("toy.pdf");
    adopt(&rig, 1, rig.file_at(&book, "first.pdf").await, "First").await;
    let house = rig.start(1);
    looked_into(&rig, 1).await;
    house.kill().await;
    adopt(&rig, 2, rig.file_at(&book, "second.pdf").await, "Second").await;
    adopt(&rig, 3, rig.file_at(&data("encrypted-file.pdf"), "e.pdf").await, "Locked").await;
    adopt(&rig, 4, rig.noise(20 * 1024 * 1024 + 1).await, "Large").await;
    adopt(&rig, 5, file_ref("no such file", "x.pdf"), "Gone").await;
    let _house = rig.start(2);
    for id in 2..=5 {
        let material = looked_into(&rig, id).await;
        assert_eq!(material.state, MaterialState::Published, "{id}");
        assert_eq!(material.hash, None, "{id}");
    }
    assert_stored(&rig, &book);
    assert_none(&rig, "tmp");
    for title in ["first", "second", "locked", "large", "gone"] {
        assert_eq!(search(&rig, title).await.titles.len(), 1, "{title}");
    }
}

/// Nobody is there who could send it again.
#[actix_rt::test]
async fn an_adopted_file_waits_for_room_on_the_disk() {
    let mut rig = Rig::new().await;
    let room = rig.room.min_free_bytes;
    rig.room.min_free_bytes = u64::MAX / 2;
    rig.room.patience = Duration::from_millis(50);
    adopt(&rig, 1, rig.file_at(&data("toy.pdf"), "t.pdf").await, "Toy").await;
    let house = rig.start(1);
    let waits = "SELECT count(*) FROM jobs WHERE id = 1 AND state = 'ready' AND attempts = 1";
    until("the job to wait again", || async { (rig.number(waits) == 1).then_some(()) }).await;
    assert_eq!(rig.number("SELECT faults FROM jobs WHERE id = 1"), 0);
    house.kill().await;

    rig.room.min_free_bytes = room;
    rig.execute("UPDATE jobs SET run_at = 0 WHERE id = 1");
    let _house = rig.start(2);
    assert!(looked_into(&rig, 1).await.hash.is_some());
}
