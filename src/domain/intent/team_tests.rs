//! What is the team's: each command and button by each role.

use super::means_tests::{PRIVATE, hearing, means, pressed, says, told};
use super::*;
use crate::domain::alert::AlertAct;
use crate::domain::audit::AuditSubject;
use crate::domain::broadcast::BroadcastNotice;
use crate::domain::desk::{DeskAct, DeskNotice, EditAct, SectionAct};
use crate::domain::ids::{AlertId, RequestId};
use crate::domain::shelf::{Breakage, List, Spot};
use crate::domain::statistics::{ReportSort, Span};

#[test]
fn commands_of_the_team_are_for_the_team_by_their_own_hand() {
    let editors = Wish::Say(Notice::EditorsOnly);
    let desk = |role: Role| {
        Wish::Say(Notice::Desk(match role {
            Role::Owner => DeskNotice::OwnersOnly,
            _ => DeskNotice::EditorsOnly,
        }))
    };
    let act = |act| Wish::Desk(DeskWish::Act(act));
    let list = |list| Wish::Shelf(ShelfAct::Show { list, spot: Spot::First });
    let edit = |id| act(DeskAct::Edit { material: MaterialId(id), seen: 0, act: EditAct::Show });
    let commands = [
        ("/drafts", Role::Editor, list(List::Drafts), editors.clone()),
        ("/reports", Role::Editor, list(List::Broken), editors.clone()),
        ("/uploads", Role::Editor, Wish::Uploads, editors.clone()),
        ("/upload", Role::Editor, Wish::Say(Notice::HowToUpload), editors),
        ("/edit 7", Role::Editor, edit(7), desk(Role::Editor)),
        ("/start e_7", Role::Editor, edit(7), desk(Role::Editor)),
        ("/edit", Role::Editor, Wish::Say(Notice::Desk(DeskNotice::HowToEdit)), desk(Role::Editor)),
        ("/edit verbs", Role::Editor, search_for("verbs"), desk(Role::Editor)),
        ("/edit 0", Role::Editor, search_for("0"), desk(Role::Editor)),
        ("/archived", Role::Editor, act(DeskAct::Archived { before: None }), desk(Role::Editor)),
        (
            "/categories",
            Role::Editor,
            act(DeskAct::Section { section: None, act: SectionAct::Show }),
            desk(Role::Editor),
        ),
        (
            "/audit",
            Role::Owner,
            act(DeskAct::Audit { subject: None, before: None }),
            desk(Role::Owner),
        ),
        (
            "/stats",
            Role::Admin,
            Wish::Statistics(StatsAct::Show(Span::default())),
            Wish::Say(Notice::FiguresForAdmins),
        ),
        ("/alerts", Role::Admin, Wish::Alerts(AlertAct::Show), Wish::Say(Notice::AlertsForAdmins)),
        ("/dashboard", Role::Editor, Wish::Dashboard, Wish::Say(Notice::DashboardForStaff)),
    ];
    for (text, least, granted, refused) in commands {
        for role in Role::ALL {
            let expected = if role >= least { &granted } else { &refused };
            assert_eq!(told(role, text), *expected, "{text} by {role:?}");
        }
        // A link and a list of one's own mean the same whoever passed them on.
        if !["/start e_7", "/uploads", "/drafts", "/edit verbs", "/edit 0"].contains(&text) {
            let forwarded = says(text, Some(Indirect::Forwarded));
            let wish = means(Role::Owner, &Dialog::Idle, PRIVATE, forwarded);
            assert_eq!(wish, Wish::Say(Notice::NotByOwnHand), "{text}");
        }
    }
}

#[test]
fn buttons_of_the_team_are_refused_to_whoever_is_not_of_it() {
    let idle = Dialog::Idle;
    let press = |role, action| pressed(hearing(role, &idle), action);
    let (material, batch, request) = (MaterialId(7), BatchId(9), RequestId(1));
    let editors = Wish::Say(Notice::EditorsOnly);
    let desk = |role: Role| {
        Wish::Say(Notice::Desk(match role {
            Role::Owner => DeskNotice::OwnersOnly,
            _ => DeskNotice::EditorsOnly,
        }))
    };
    let figures = Wish::Say(Notice::FiguresForAdmins);
    let alerts = Wish::Say(Notice::AlertsForAdmins);
    let audit = DeskAct::Audit { subject: Some(AuditSubject::Person), before: None };
    let section = DeskAct::Section { section: None, act: SectionAct::Delete };
    let cases = [
        (Action::Upload { material, act: UploadAct::Publish }, Role::Editor, editors.clone()),
        (Action::Bulk { batch, act: BulkAct::Publish }, Role::Editor, editors.clone()),
        (Action::Draft { material }, Role::Editor, editors.clone()),
        (
            Action::Shelf(ShelfAct::Show { list: List::Drafts, spot: Spot::First }),
            Role::Editor,
            editors.clone(),
        ),
        (
            Action::Shelf(ShelfAct::Show { list: List::Broken, spot: Spot::First }),
            Role::Editor,
            editors.clone(),
        ),
        (
            Action::Shelf(ShelfAct::Break { material, act: Breakage::Look }),
            Role::Editor,
            editors.clone(),
        ),
        (
            Action::Shelf(ShelfAct::Break { material, act: Breakage::Settle }),
            Role::Editor,
            editors.clone(),
        ),
        (Action::Request(RequestAct::Wanted { after: None }), Role::Editor, editors.clone()),
        (Action::Request(RequestAct::Open(request)), Role::Editor, editors.clone()),
        (Action::Request(RequestAct::Answer { request, material }), Role::Editor, editors.clone()),
        (Action::Request(RequestAct::Decline(request)), Role::Editor, editors),
        (Action::Desk(section), Role::Editor, desk(Role::Editor)),
        (Action::Desk(audit), Role::Owner, desk(Role::Owner)),
        (Action::Statistics(StatsAct::Send(ReportSort::Table, Span::Week)), Role::Admin, figures),
        (Action::Alerts(AlertAct::Ack(AlertId(1))), Role::Admin, alerts),
    ];
    for (action, least, refused) in cases {
        for role in Role::ALL {
            let is_refused = press(role, action) == refused;
            assert_eq!(is_refused, role < least, "{action:?} by {role:?}");
        }
    }
    let admins = Wish::Say(Notice::Broadcast(BroadcastNotice::AdminsOnly));
    for role in Role::ALL {
        for action in [
            Action::EndSeries(SeriesId(1)),
            Action::Digest(DigestAct::Show),
            Action::Broadcasts { before: None },
        ] {
            assert_eq!(press(role, action) == admins, role < Role::Admin, "{action:?} by {role:?}");
        }
    }
    assert_eq!(press(Role::Editor, Action::Draft { material }), Wish::Draft(material));
}
