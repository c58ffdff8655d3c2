//! A form that was not carried out comes back with every value kept: each
//! mistake beside its field, or a rule's refusal on top with what to do
//! instead (DESIGN §9.6).

use axum::http::StatusCode;
use relais_acts::problem::{ActError, FieldProblem};

use crate::extract::Typed;
use crate::frame::Frame;
use crate::parts::Notice;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// What a form of a page brought back, for the page that shows it again.
pub(super) struct Came<'a> {
    /// What was typed.
    pub typed: &'a Typed,
    /// Fields that are wrong.
    pub wrong: &'a [FieldProblem],
    /// Whether the record changed meanwhile.
    pub stale: bool,
}

/// Why a form came back.
pub(super) struct CameBack {
    /// Status of the page.
    pub status: StatusCode,
    /// Fields that are wrong.
    pub wrong: Vec<FieldProblem>,
    /// Whether the record changed meanwhile: the form must take its new version.
    pub stale: bool,
    notice: Option<Notice>,
    problem: Problem,
}

impl CameBack {
    /// What the form must say; errors that no form can mend stay problems.
    pub(super) fn of(error: ActError, t: Text) -> Result<Self, Problem> {
        let stale = matches!(error, ActError::Stale { .. });
        let problem = Problem::from(error);
        let notice = match problem.kind {
            ProblemKind::InvalidFields => None,
            ProblemKind::Refused | ProblemKind::Stale => Some(Notice::stop(problem.title(t.0), problem.remedy(t.0))),
            _ => return Err(problem),
        };
        Ok(Self {
            status: problem.kind.status(),
            wrong: problem.fields.clone(),
            stale,
            notice,
            problem,
        })
    }

    /// What is answered where the form can no longer be shown: a rule's
    /// refusal as it is, anything else like what does not exist.
    pub(super) fn unshown(&self, unseen: Problem) -> Problem {
        if self.notice.is_some() {
            self.problem.clone()
        } else {
            unseen
        }
    }

    /// Puts a refusal on top of the page, its title first.
    pub(super) fn onto(self, frame: &mut Frame) -> StatusCode {
        if self.notice.is_some() {
            frame.title = frame.t.frame_error_title(&frame.title);
            frame.notice = self.notice;
        }
        self.status
    }
}
