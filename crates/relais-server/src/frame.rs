//! What surrounds every page: title, navigation by role, language, the way
//! out, the mechanism's version, and the banner of a drill.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use relais_acts::Viewer;
use relais_mechanism::words::{Lang, Role};

use crate::AppState;
use crate::ask::{Asking, Caller};
use crate::assets;
use crate::parts::{Link, Notice};
use crate::room;
use crate::text::Text;

/// Which link of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    Coordination,
    Institution,
    Day,
    Cases,
    New,
    Inbox,
    Entries,
    Moderation,
    Late,
    Cosign,
    Complaints,
    Services,
    None,
}

/// One link of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavLink {
    pub href: &'static str,
    pub text: &'static str,
    pub current: bool,
}

/// The frame of a page; the base template lays it out.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub t: Text,
    pub title: String,
    pub tagline: String,
    pub css: &'static str,
    pub icon: &'static str,
    pub nav: Vec<NavLink>,
    /// "J. Ebongué · Accueil Douala"; empty when nobody is signed in.
    pub who: String,
    pub signed_in: bool,
    /// The word on the way out: at a shared post one hands over.
    pub out: &'static str,
    /// The other language: code and the address that switches to it.
    pub other_lang: &'static str,
    pub other_href: String,
    pub mechanism: String,
    /// The drill's banner, empty in real time.
    pub drill: String,
    pub notice: Option<Notice>,
    pub back: Option<Link>,
    /// Where *leave quickly* leads; empty where the page does not have it.
    pub leave: String,
}

impl Frame {
    /// The frame of a page for a signed-in caller; `now` by the deployment's clock.
    pub(crate) fn of(app: &AppState, caller: &Caller, tab: Tab, title: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self::new(app, &caller.asking, tab, title.into(), Some(now), caller.asking.path())
    }

    /// The frame of a page for anybody.
    pub(crate) fn open(app: &AppState, asking: &Asking, title: impl Into<String>, now: Option<DateTime<Utc>>) -> Self {
        Self::new(app, asking, Tab::None, title.into(), now, asking.path())
    }

    /// The frame of a problem: it carries nothing of the address that was asked.
    pub(crate) async fn of_problem(app: &AppState, asking: &Asking, title: &str) -> Self {
        let now = app.now().await.ok();
        let title = Text(asking.lang).frame_error_title(title);
        Self::new(app, asking, Tab::None, title, now, "/")
    }

    fn new(app: &AppState, asking: &Asking, tab: Tab, title: String, now: Option<DateTime<Utc>>, path: &str) -> Self {
        let t = Text(asking.lang);
        let other = match asking.lang {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        };
        let site = app.site();
        Self {
            t,
            title,
            tagline: t.frame_tagline(site.country.get(asking.lang)),
            css: assets::href("kit.css"),
            icon: assets::href("relais.svg"),
            nav: asking.viewer.as_deref().map(|v| nav(t, v, tab)).unwrap_or_default(),
            who: asking
                .viewer
                .as_deref()
                .map(|v| format!("{} · {}", v.display_name, v.organisation_name))
                .unwrap_or_default(),
            signed_in: asking.viewer.is_some(),
            out: if asking.browser().post.is_some() {
                t.post_hand()
            } else {
                t.frame_sign_out()
            },
            other_lang: other.code(),
            other_href: format!("/language/{}?back={}", other.code(), encode(path)),
            mechanism: t.frame_mechanism(&site.mechanism),
            drill: now
                .filter(|_| site.drill)
                .map(|now| t.frame_drill(t.moment(now)))
                .unwrap_or_default(),
            notice: None,
            back: None,
            leave: String::new(),
        }
    }

    /// With the way out that whoever is watched takes at once. Who is signed in
    /// has one: it ends the session too.
    pub(crate) fn leaving(mut self, app: &AppState) -> Self {
        if !self.signed_in {
            self.leave.clone_from(&app.settings().leave_to);
        }
        self
    }

    /// With the outcome of what was just done.
    pub(crate) fn notice(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }

    /// With a link back, above the title.
    pub(crate) fn back(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.back = Some(Link {
            href: href.into(),
            text: text.into(),
        });
        self
    }

    /// As the frame of a form that came back with mistakes: the title says so first.
    pub(crate) fn with_error(mut self) -> Self {
        self.title = self.t.frame_error_title(&self.title);
        self
    }
}

/// The links of a viewer's roles, four at most (the kit's rule 13); the first
/// is where they land.
pub(crate) fn nav(t: Text, viewer: &Viewer, tab: Tab) -> Vec<NavLink> {
    let works_cases = viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor);
    let secretariat = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint];
    let mut links = Vec::new();
    let mut add = |t: Tab, href, text| {
        links.push(NavLink {
            href,
            text,
            current: t == tab,
        })
    };
    if works_cases {
        add(Tab::Day, "/day", t.nav_day());
        add(Tab::Cases, "/cases", t.nav_cases());
    }
    if viewer.is(Role::FocalPoint) {
        add(Tab::Inbox, "/inbox", t.nav_inbox());
        add(Tab::Entries, "/entries", t.nav_entries());
    }
    if secretariat.iter().any(|r| viewer.is(*r)) {
        add(Tab::Late, "/late", t.nav_late());
        add(Tab::Coordination, "/coordination", t.coordination_link());
    }
    if viewer.is(Role::SecretariatSupervisor) {
        add(Tab::Cosign, "/cosign", t.nav_cosign());
    }
    if relais_casework::complaint::HEARS.iter().any(|r| viewer.is(*r)) {
        add(Tab::Complaints, "/complaints", t.nav_complaints());
    }
    if works_cases {
        add(Tab::New, "/arrivals/new", t.nav_new());
    }
    // The committee's papers are the whole country's; the others find them beside the documents.
    if viewer.is_national() {
        add(Tab::Institution, "/registers", t.nav_institution());
    }
    // The page of coordination leads there too: the first to give way.
    if secretariat.iter().any(|r| viewer.is(*r)) {
        add(Tab::Moderation, "/moderation", t.nav_moderation());
    }
    // A supervisor has them in the day's list too: the first to give way.
    if viewer.is(Role::Supervisor) && !viewer.is(Role::SecretariatSupervisor) {
        add(Tab::Cosign, "/cosign", t.nav_cosign());
    }
    // The others find it on their lists.
    if works_cases || viewer.is(Role::FocalPoint) || secretariat.iter().any(|r| viewer.is(*r)) {
        add(Tab::Services, "/services", t.nav_services());
    }
    links.truncate(4);
    links
}

/// Percent-encodes what stands in a query's value.
pub(crate) fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '/');
    // Addresses are short, and as many of their signs are encoded as not.
    let mut out = String::with_capacity(2 * text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c| !plain(c)) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let sign = from.chars().next().map_or(0, char::len_utf8);
        for byte in from[..sign].bytes() {
            let coded = [
                '%',
                char::from(HEX[usize::from(byte >> 4)]),
                char::from(HEX[usize::from(byte & 15)]),
            ];
            out.extend(coded);
        }
        rest = &from[sign..];
    }
    out.push_str(rest);
    out
}

/// The most that a page of this site weighs, in bytes of HTML (DESIGN §7).
const PAGE_BYTES: usize = 20 * 1024;

/// A page, never kept by a cache: laptops are shared.
pub(crate) fn html<T: Template>(status: StatusCode, page: &T) -> Response {
    let mut body = room::text();
    // As much as a page may have: one that grows is copied at each step.
    body.reserve(PAGE_BYTES);
    match page.render_into(&mut body) {
        Ok(()) => {
            let mut response = (status, room::answer(body.into_bytes())).into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            response
        }
        Err(error) => {
            tracing::error!(cause = %error, "a page could not be laid out");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
                "",
            )
                .into_response()
        }
    }
}

/// 303 to a path of this site.
pub(crate) fn see(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, path);
    response
}

/// A page that went well.
pub(crate) fn ok<T: Template>(page: &T) -> Response {
    html(StatusCode::OK, page)
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn a_query_value_keeps_its_path_and_nothing_else() {
        assert_eq!(encode("/cases?after=3&q=é"), "/cases%3Fafter%3D3%26q%3D%C3%A9");
    }
}
