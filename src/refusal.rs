//! A run that is refused before it begins, and what was found until then (rsync(1), EXIT VALUES).

use rsync_compat::options::Options;

use crate::control;
use crate::failure::{Failure, Fatal};
use crate::report::Reporter;
use crate::target::Made;

/// Why nothing was begun, and what there is to tell before that.
#[derive(Debug)]
pub struct Refusal {
    /// Why.
    pub fatal: Fatal,
    /// Operands that could not be opened.
    pub failures: Vec<Failure>,
    /// What was made for the destination.
    pub made: Made,
    /// What was asked for, where the destination was looked for by then.
    pub options: Option<Box<Options>>,
}

impl From<Fatal> for Refusal {
    fn from(fatal: Fatal) -> Refusal {
        Refusal { fatal, failures: Vec::new(), made: Made::Nothing, options: None }
    }
}

impl Refusal {
    /// Once the destination was found or made.
    #[must_use]
    pub fn at(fatal: Fatal, (failures, made): (Vec<Failure>, Made), options: Options) -> Refusal {
        Refusal { fatal, failures, made, options: Some(Box::new(options)) }
    }

    /// Tells all of it, and returns the exit status.
    #[must_use]
    pub fn tell(&self, report: &Reporter) -> u8 {
        report.opening_before(&self.fatal);
        for failure in &self.failures {
            report.failure(failure);
        }
        if let Some(options) = &self.options {
            report.made(&control::about_target(options, &self.made));
        }
        report.refused(&self.fatal)
    }
}
