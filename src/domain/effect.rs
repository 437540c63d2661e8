//! What a step decides: rows to write and things to show, as meaning, not as text.

use super::alert::{AlertChange, AlertsView};
use super::audience_list::ListReport;
use super::batch::{BatchChange, BulkCard};
use super::broadcast::{BroadcastChange, BroadcastNotice, BroadcastView};
use super::button::Facet;
use super::dashboard::NewKey;
use super::desk::{DeskChange, DeskNotice, DeskView};
use super::digest::DigestCard;
use super::edition::{EditionView, ReplaceNotice};
use super::event::FileRef;
use super::facts::FacetFacts;
use super::given_up::{JobsChange, JobsView};
use super::ids::{BatchId, CategoryId, MaterialId, MessageId, OutboxId, QueryId, UserId};
use super::incident::Incident;
use super::inspection::Rejection;
use super::lang::Lang;
use super::material::{
    Card, Category, Description, Filters, Level, Material, MaterialState, PreviewRef, Processing,
};
use super::outgoing::Outgoing;
use super::people::{PeopleChange, PeopleView};
use super::privacy::{PrivacyChange, PrivacyView};
use super::request::{RequestChange, RequestView};
use super::search_page::SearchPage;
use super::series::NewSeries;
use super::session::Dialog;
use super::shelf::{Addressee, Given, Keys, ShelfChange, ShelfNotice, ShelfView};
use super::statistics::StatsCard;
use super::tell::Announcement;
use super::uploads::UnderWay;

mod shown;

pub use super::job::{JobKind, NewJob, Priority};
pub use shown::{CardStage, FileSummary, Question, Review};

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    /// The dialog from now on; `None` leaves it as it is.
    pub dialog: Option<Dialog>,
    /// What else happens, in order.
    pub effects: Vec<Effect>,
}

/// One consequence of a step. All of a step are committed together, or none.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Say something.
    Show {
        /// Where.
        place: Place,
        /// What.
        view: View,
    },
    /// Open the progress card of an upload under an id that is known beforehand.
    ShowCard {
        /// The outbox row of the card.
        outbox: OutboxId,
        /// The file's name.
        name: String,
    },
    /// Say something on the card of an upload, in place of what it says now.
    EditCard {
        /// The card.
        card: Card,
        /// What.
        view: View,
    },
    /// Send the file of a material to this chat.
    Deliver(Given),
    /// Put other buttons below a file that was given.
    Keys {
        /// Its message.
        message: MessageId,
        /// The buttons.
        keys: Keys,
    },
    /// Say something to other people, each in their own chat.
    Tell {
        /// To whom.
        to: Vec<Addressee>,
        /// What.
        view: View,
    },
    /// Show how a material looks.
    Preview {
        /// Which.
        material: Box<Material>,
        /// Its picture.
        preview: PreviewRef,
    },
    /// Answer an inline query with these materials.
    AnswerInline {
        /// Telegram's id of the query.
        query_id: String,
        /// The materials of this page.
        materials: Vec<Material>,
        /// The offset of the next page, if there is one.
        next: Option<usize>,
    },
    /// Change the library or the person.
    Change(Change),
    /// Do this in the background.
    Enqueue(NewJob),
    /// Send this message to this chat as it is.
    Send(Box<Outgoing>),
    /// Say something in a message of its own, under an id that is known beforehand.
    Post {
        /// The outbox row.
        outbox: OutboxId,
        /// What.
        view: View,
    },
    /// Say something in place of what the message of an outbox row shows now.
    EditPost {
        /// The outbox row that sent the message.
        outbox: OutboxId,
        /// What.
        view: View,
    },
}

/// Where something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a message of its own.
    New,
    /// In place of what this message shows now.
    Edit(MessageId),
}

/// A row to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The person chose a language.
    SetLang(Lang),
    /// The person blocked or unblocked the bot.
    SetReachable(bool),
    /// Keep a query's words, so that buttons can name them.
    RememberQuery {
        /// Its name.
        id: QueryId,
        /// Its words.
        text: String,
    },
    /// A new node of the catalogue.
    CreateCategory {
        /// Its id.
        id: CategoryId,
        /// The node above.
        parent: Option<CategoryId>,
        /// Its name.
        title: String,
    },
    /// A file came: a material in the making.
    OpenMaterial {
        /// Its id.
        id: MaterialId,
        /// The file.
        file: FileRef,
        /// Its title until the editor gives one.
        title: String,
        /// Who sent it.
        uploader: UserId,
        /// Its progress card.
        card: Card,
    },
    /// Write the description down and put the material into a state.
    Settle {
        /// Which.
        id: MaterialId,
        /// What the editor said.
        description: Description,
        /// `Draft`, `Published` (or `Waiting`, until it is processed) or `Discarded`.
        to: MaterialState,
        /// The processing that the decision was made on; if it has moved on, decide again.
        seen: Processing,
    },
    /// Throw an own material away that is not processed yet, and cancel its job.
    Withdraw(MaterialId),
    /// Something about a batch of files.
    Batch(BatchChange),
    /// The person was given a material.
    NoteDelivery {
        /// Which.
        material: MaterialId,
        /// The content that was given, hexadecimal, if it is known.
        hash: Option<String>,
    },
    /// A hidden material holds a new file for a published one.
    MarkReplacement {
        /// The hidden one.
        candidate: MaterialId,
        /// The published one.
        target: MaterialId,
    },
    /// Put the file of a hidden material in the place of a published one's, which is kept there.
    Replace {
        /// The hidden one.
        candidate: MaterialId,
        /// The published one.
        target: MaterialId,
        /// The number of the edition that the decision was made on; if there is another now,
        /// decide again.
        edition: u32,
        /// Who replaces it.
        by: UserId,
    },
    /// Something about a broadcast.
    Broadcast(BroadcastChange),
    /// The person follows a section, or no more.
    Follow {
        /// Which.
        category: CategoryId,
        /// Whether it is to be followed.
        follow: bool,
    },
    /// The person searched.
    NoteSearch {
        /// For this, see `statistics::searched_words`.
        words: String,
        /// Whether something was found.
        found: bool,
    },
    /// The digest goes out like this from now on; none: no more.
    Digest(Option<Box<NewSeries>>),
    /// Something at the editors' desk.
    Desk(DeskChange),
    /// Something about the shelf.
    Shelf(ShelfChange),
    /// Something about what people ask for.
    Request(RequestChange),
    /// Something about the person's data.
    Privacy(PrivacyChange),
    /// Something about alerts.
    Alert(AlertChange),
    /// The person may enter the dashboard with this key.
    Dashboard(NewKey),
    /// The person becomes an owner by a one-time code.
    ClaimOwnership {
        /// The hash of the code.
        hash: String,
    },
    /// Something about people.
    People(PeopleChange),
    /// Something about failed jobs.
    Jobs(JobsChange),
}

/// What is shown, in no language yet.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// The main menu.
    Menu {
        /// Greet this person by first name.
        greet: Option<String>,
        /// An upload that waits to be continued: its material and title.
        unfinished: Option<(MaterialId, String)>,
        /// Say that the pressed button was out of date.
        stale: bool,
    },
    /// The invitation to type a query.
    AskQuery,
    /// What the bot can do.
    Help,
    /// A short answer.
    Notice(Notice),
    /// A page of results.
    Results(SearchPage),
    /// No results.
    NothingFound {
        /// The words: hostile text.
        text: String,
        /// The name under which buttons know them.
        query: QueryId,
        /// What narrowed the search.
        filters: Filters,
    },
    /// The choices of a facet.
    FacetChoices {
        /// The words and the choices.
        found: FacetFacts,
        /// The name under which buttons know them.
        query: QueryId,
        /// What narrows the search so far.
        filters: Filters,
        /// The facet.
        facet: Facet,
    },
    /// A node of the catalogue with what is below it.
    Catalogue {
        /// The node; none at the top.
        node: Option<Category>,
        /// The nodes below.
        children: Vec<Category>,
        /// Levels that materials directly in the node have.
        levels: Vec<Level>,
        /// Whether the reader follows the node.
        followed: bool,
    },
    /// Lists, the settings, broken files.
    Shelf(Box<ShelfView>),
    /// A question of the upload dialog.
    Question(Box<Question>),
    /// The description before it is published.
    Review(Box<Review>),
    /// The progress of an uploaded file.
    Card {
        /// The material.
        material: MaterialId,
        /// The file's name: hostile text.
        name: String,
        /// How far it is.
        stage: CardStage,
    },
    /// An editor's files under way.
    Uploads {
        /// The first of them, oldest first.
        files: Vec<UnderWay>,
        /// How many more there are.
        more: usize,
    },
    /// What was put aside, for the people in charge.
    PutAside {
        /// The first of it.
        incidents: Vec<Incident>,
        /// How much more there is.
        more: usize,
    },
    /// The card of a bulk upload.
    Bulk(Box<BulkCard>),
    /// Something about editions.
    Edition(Box<EditionView>),
    /// Something about broadcasts.
    Broadcast(BroadcastView),
    /// The digest's card.
    Digest(Box<DigestCard>),
    /// The school in figures.
    Statistics(Box<StatsCard>),
    /// What came of a file that lists an audience.
    AudienceList(ListReport),
    /// Why there is no table of a broadcast's recipients.
    NoTable(NoTable),
    /// Something at the editors' desk.
    Desk(DeskView),
    /// Something about what people ask for.
    Request(Box<RequestView>),
    /// A material that is new, to somebody who wants to hear of it.
    Announcement(Box<Announcement>),
    /// Something about the reader's data.
    Privacy(PrivacyView),
    /// Something about alerts.
    Alerts(Box<AlertsView>),
    /// A link to the dashboard; none where it is served nowhere.
    Dashboard(Option<String>),
    /// Something about people.
    People(Box<PeopleView>),
    /// Failed jobs.
    Jobs(Box<JobsView>),
}

/// Why there is no table of a broadcast's recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTable {
    /// Telegram takes no file of that size.
    TooLarge {
        /// Recipients.
        rows: u64,
    },
    /// It could not be made.
    Failed,
}

/// Short answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The command is unknown.
    UnknownCommand,
    /// Nothing to search for in that text.
    EmptyQuery,
    /// The remembered words are gone.
    QueryForgotten,
    /// That message is of a kind the bot has no use for.
    CannotRead,
    /// Only editors may do this.
    EditorsOnly,
    /// Forwards and messages in another's name do not count.
    NotByOwnHand,
    /// An editor is told how to upload.
    HowToUpload,
    /// There is nothing to cancel.
    NothingToCancel,
    /// The upload was thrown away.
    UploadCancelled,
    /// The file was put aside as a draft.
    DraftSaved {
        /// Title: hostile text.
        title: String,
    },
    /// It will be published as soon as it is processed.
    PublishWaiting {
        /// Title: hostile text.
        title: String,
    },
    /// Learners find it now.
    Published {
        /// Which.
        material: MaterialId,
        /// Title: hostile text.
        title: String,
    },
    /// The same content is in the library already.
    Duplicate {
        /// The one that is there.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
    },
    /// The file was not taken.
    Refused(Rejection),
    /// The file is larger than may be uploaded.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Another file came in mid-dialog and waits for its turn.
    Queued {
        /// Its name: hostile text.
        name: String,
        /// How many wait.
        waiting: usize,
    },
    /// Too many files wait.
    QueueFull,
    /// The material is gone.
    MaterialGone,
    /// The upload was ended elsewhere.
    UploadOver,
    /// A stored dialog could not be read: the person starts anew.
    DialogLost,
    /// An update was put aside after repeated faults.
    Apology {
        /// What support needs to find it.
        support_id: i64,
    },
    /// More was sent at once than is worked on.
    TooMuch,
    /// The language was changed.
    LanguageSet,
    /// The file is part of a bulk upload now.
    InBatch,
    /// A bulk upload waits to be continued.
    BulkUnfinished {
        /// Its batch.
        batch: BatchId,
        /// How many files were sent.
        files: u32,
    },
    /// All files of a bulk upload were thrown away.
    BulkCancelled {
        /// How many.
        files: usize,
    },
    /// A draft can be continued only when nothing else is open.
    FinishFirst,
    /// About the replacement of a file.
    Replace(ReplaceNotice),
    /// Only admins see the figures.
    FiguresForAdmins,
    /// Only admins see the alerts.
    AlertsForAdmins,
    /// Only the team sees the dashboard.
    DashboardForStaff,
    /// The person is an owner from now on.
    OwnerNow,
    /// The person is one already.
    OwnerAlready,
    /// The code is used up, out of date or none.
    OwnerCodeUnknown,
    /// The reader is shut out.
    ShutOut,
    /// Only admins look for people.
    PeopleForAdmins,
    /// Only owners give roles.
    RolesForOwners,
    /// Only admins see failed jobs.
    JobsForAdmins,
    /// About broadcasts.
    Broadcast(BroadcastNotice),
    /// About the editors' desk.
    Desk(DeskNotice),
    /// About the shelf.
    Shelf(ShelfNotice),
}
