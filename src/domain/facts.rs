//! What was read for an intent, outside any transaction. Everything that matters for safety is
//! checked again at the commit.

use super::alert::AlertFacts;
use super::batch::BulkFacts;
use super::broadcast::{BroadcastList, ComposeFacts, ControlFacts};
use super::dashboard::Link;
use super::desk::DeskFacts;
use super::digest::DigestFacts;
use super::edition::Standing;
use super::failures::ErrorGroup;
use super::ids::QueryId;
use super::material::{Category, Filters, Level, Material, PreviewRef};
use super::people::PeopleFacts;
use super::privacy::PrivacyFacts;
use super::request::RequestFacts;
use super::search_page::{SearchPage, Total};
use super::shelf::ShelfFacts;
use super::statistics::StatsReport;
use super::uploads::UnderWay;

/// The facts of one step.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// None were needed.
    None,
    /// The outcome of a search.
    Search(SearchFacts),
    /// The choices of a facet, if the query's words are known.
    Facet(Option<FacetFacts>),
    /// A node of the catalogue, if it exists.
    Catalogue(Option<CatalogueFacts>),
    /// A material, if it exists.
    Material(Option<Box<Material>>),
    /// A material and how it looks, if both exist.
    Look(Option<Box<(Material, PreviewRef)>>),
    /// What the upload dialog needs.
    Upload(Box<UploadFacts>),
    /// The asker's own files under way, oldest first.
    Uploads(Vec<UnderWay>),
    /// What the bulk upload dialog needs.
    Bulk(Box<BulkFacts>),
    /// The materials of the dialog that becomes a bulk upload, in their order.
    Joining(Vec<Material>),
    /// Materials for an inline answer, and whether there are more.
    Inline {
        /// This page.
        materials: Vec<Material>,
        /// Whether another page would have some.
        has_more: bool,
    },
    /// What the replacement of a file needs.
    Replace(Box<ReplaceFacts>),
    /// What the dialog about a broadcast needs.
    Compose(Box<ComposeFacts>),
    /// What a button of a broadcast needs.
    Control(Box<ControlFacts>),
    /// The list of broadcasts.
    Broadcasts(Box<BroadcastList>),
    /// What the digest's card needs.
    Digest(Box<DigestFacts>),
    /// What the editors' desk needs.
    Desk(DeskFacts),
    /// What the shelf needs.
    Shelf(Box<ShelfFacts>),
    /// What is known of what people ask for.
    Request(Box<RequestFacts>),
    /// What is known of the asker's data.
    Privacy(PrivacyFacts),
    /// The school in figures.
    Statistics(Box<StatsReport>),
    /// What is wrong with the bot.
    Alerts(Box<AlertFacts>),
    /// A link to the dashboard; none where it is served nowhere.
    Dashboard(Option<Link>),
    /// Whether an owner's code is good.
    Claim(bool),
    /// About people.
    People(PeopleFacts),
    /// Failed jobs, by what they failed of.
    Jobs(Vec<ErrorGroup>),
}

/// The outcome of a search.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchFacts {
    /// There was nothing to search for.
    Empty,
    /// The remembered words are gone.
    Forgotten,
    /// Nothing was found.
    Nothing {
        /// The name of the query.
        query: QueryId,
        /// Its words.
        text: String,
    },
    /// Something was found.
    Page(Box<SearchPage>),
}

/// What a search can be narrowed to in one facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetFacts {
    /// The words: hostile text.
    pub text: String,
    /// Without any choice in this facet.
    pub any: Total,
    /// The choices that leave something, in their order.
    pub choices: Vec<FacetChoice>,
}

/// A choice of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetChoice {
    /// What narrows the search with it.
    pub filters: Filters,
    /// The name of its section, for sections: hostile text.
    pub section: Option<String>,
    /// How many materials it leaves.
    pub total: Total,
}

/// A node of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueFacts {
    /// The node; none at the top.
    pub node: Option<Category>,
    /// The nodes below.
    pub children: Vec<Category>,
    /// Levels that materials directly in the node have.
    pub levels: Vec<Level>,
    /// Whether the asker follows the node.
    pub followed: bool,
}

/// What the upload dialog needs.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadFacts {
    /// The material the input is about.
    pub material: Option<Material>,
    /// A published material with the same content.
    pub double: Option<Material>,
    /// The open node of the catalogue; none at the top.
    pub inside: Option<Category>,
    /// The nodes in it.
    pub categories: Vec<Category>,
    /// The category that the input names, wherever it is.
    pub chosen: Option<Category>,
    /// The file that is next in the queue.
    pub next: Option<Material>,
    /// The nodes at the top, for the question about the next file.
    pub top: Vec<Category>,
}

/// What the replacement of a file needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplaceFacts {
    /// The material whose file is to be replaced, as it stands now.
    pub standing: Option<Standing>,
    /// The hidden material with the new file that the input is about.
    pub candidate: Option<Material>,
    /// The hidden material of the dialog so far.
    pub earlier: Option<Material>,
    /// A published material that has the new file's content.
    pub double: Option<Material>,
}
