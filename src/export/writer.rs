use std::collections::HashMap;
use std::io::Write;

use super::batches::Batches;
use super::book::{Item, Outcome};
use super::documents::Documents;
use super::file_tree::FileTree;
use super::layout::Layout;
use super::ledger::Ledger;
use super::manifest::{FailedPlan, Totals};
use super::output::{NewFolder, Output, Sink};
use super::{Book, CustomId, ExportedPlan, Format, Limits, Name};
use crate::interrupt::Interrupt;
use crate::plan::Number;
use crate::words::{Exit, Failure};

/// The prompts of many plans, on their way out.
pub struct Export<'a> {
    /// What makes requests of plans.
    pub book: &'a Book,
    /// What they are written as.
    pub format: Format,
    /// The most of a file, for a batch engine; never more than the engine takes.
    pub limits: Option<Limits>,
    /// Whether the first plan that fails ends it, and nothing is written.
    pub fail_fast: bool,
    /// Ends it, with nothing written.
    pub interrupt: &'a Interrupt,
}

/// What happens on the way.
#[derive(Debug)]
pub enum Told<'a> {
    /// A plan failed; the others go on.
    Failed(&'a Failure),
    /// A plan is written, or none of its steps is wanted.
    Plan(&'a ExportedPlan),
    /// One more item was looked at.
    Looked,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How much it is. Without a prompt nothing was written.
    pub totals: Totals,
    /// The plans that are not in it.
    pub failed: Vec<FailedPlan>,
    /// 0, or 3 where a plan failed, or what else a plan failed with.
    pub exit: Exit,
}

impl Export<'_> {
    /// Exports items, complete or not at all.
    ///
    /// Fails with exit 2 when no step is wanted or the output cannot take what comes, with 3 for two plans with one id and,
    /// where the first failure is to end it, like that plan; with 9 for the disk; with 128 + n for a signal.
    pub fn run<T: Item>(
        &self,
        items: &[T],
        output: &Output,
        out: &mut dyn Write,
        told: &mut dyn FnMut(Told<'_>),
    ) -> Result<Written, Failure> {
        match output {
            Output::Folder(path) => {
                let folder = NewFolder::new(path, self.interrupt)?;
                let mut ledger = Ledger::new(&folder, self.format, self.book.wire())?;
                ledger.tells_places = self.book.wave.is_some();
                let written = self.pass(items, Sink::folder(&folder, self.interrupt), Some(ledger), told)?;
                if written.written.totals.prompts > 0 {
                    self.interrupt.check()?;
                    folder.publish(&written.files)?;
                }
                Ok(written.written)
            }
            Output::Stdout => {
                // A stream cannot be taken back: all that could end it is met before its first byte.
                let first = self.pass(items, Sink::nowhere(self.interrupt), None, told)?;
                if first.written.totals.prompts > 0 {
                    self.pass(items, Sink::stream(out, self.interrupt), None, &mut |_| {})?;
                    out.flush().map_err(|error| Failure::stdout(&error))?;
                }
                Ok(first.written)
            }
        }
    }

    fn pass<T: Item>(
        &self,
        items: &[T],
        sink: Sink<'_>,
        ledger: Option<Ledger<'_>>,
        told: &mut dyn FnMut(Told<'_>),
    ) -> Result<Pass, Failure> {
        let mut run = Run {
            layout: self.layout()?,
            sink,
            ledger,
            totals: Totals::default(),
            failed: Vec::new(),
            exit: Exit::Done,
            ids: HashMap::new(),
            named: (Vec::new(), Vec::new()),
            seen: 0,
        };
        self.book.each(items, self.interrupt, |index, outcome| {
            let failure = match outcome {
                Outcome::NoPlan => None,
                Outcome::Failed(failure) => Some(failure.clone()),
                Outcome::Plan(plan) => match run.layout.check(plan) {
                    Ok(()) => {
                        run.plan(plan)?;
                        told(Told::Plan(plan));
                        None
                    }
                    Err(failure) => Some(failure),
                },
            };
            if let Some(failure) = failure {
                if self.fail_fast {
                    return Err(failure);
                }
                told(Told::Failed(&failure));
                run.fail(items[index].shown(), &failure);
            }
            told(Told::Looked);
            Ok(())
        })?;
        self.expected(&run, items)?;
        run.finish()
    }

    fn layout(&self) -> Result<Box<dyn Layout>, Failure> {
        let limits = self.format.limits().map(|most| match self.limits {
            None => most,
            Some(limits) => Limits {
                requests: limits.requests.clamp(1, most.requests),
                bytes: limits.bytes.min(most.bytes),
            },
        });
        match (self.format, limits, self.book.wire()) {
            (Format::Md, ..) => Ok(Box::new(FileTree::default())),
            (Format::Json, ..) => Ok(Box::new(Documents)),
            (Format::OpenaiBatch, Some(limits), Some(wire)) => Ok(Box::new(Batches::lines(wire, limits))),
            (Format::AnthropicBatch, Some(limits), Some(_)) => Ok(Box::new(Batches::document(limits))),
            (format, ..) => {
                let text = format!(
                    "`{}` takes requests of an endpoint, and none is named",
                    format.word()
                );
                Err(Failure::new(Exit::Usage, "no-endpoint", text).help("name one with `--endpoint NAME`"))
            }
        }
    }

    /// Refuses a selection that selects nothing, and names of it that are none.
    fn expected<T: Item>(&self, run: &Run<'_, '_>, items: &[T]) -> Result<(), Failure> {
        let refused = |rule, text: String| Err(Failure::new(Exit::Usage, rule, text));
        let nothing = |text: &str| refused("nothing-selected", text.to_owned());
        let selection = &self.book.selection;
        let absent = |named: &[Number], found: &[Number], name: fn(Number) -> Name| {
            let mut unseen = named.iter().copied().filter(|number| !found.contains(number));
            // A plan that fails, or is passed over, may have it.
            unseen.find(|number| !items.iter().any(|item| item.has(name(*number))))
        };
        if let Some(step) = absent(&selection.steps, &run.named.0, Name::Step) {
            return refused("no-such-step", format!("no plan has a step {step}"));
        }
        if let Some(phase) = absent(&selection.phases, &run.named.1, Name::Phase) {
            return refused("no-such-phase", format!("no plan has a phase {phase}"));
        }
        match run.failed.is_empty() {
            true if run.seen == 0 => nothing("there is no plan to export"),
            true if run.totals.prompts == 0 => {
                nothing("none of the plans has such a step: nothing was written")
            }
            _ => Ok(()),
        }
    }
}

/// What a pass over all items comes to.
struct Pass {
    written: Written,
    files: Vec<super::FileEntry>,
}

/// A pass over all items.
struct Run<'s, 'l> {
    layout: Box<dyn Layout>,
    sink: Sink<'s>,
    ledger: Option<Ledger<'l>>,
    totals: Totals,
    failed: Vec<FailedPlan>,
    exit: Exit,
    /// Paths of plans by their ids, in small letters: there are file systems that know no others.
    ids: HashMap<String, String>,
    /// Steps and phases of the selection that were found.
    named: (Vec<Number>, Vec<Number>),
    /// Plans looked at.
    seen: usize,
}

impl Run<'_, '_> {
    fn plan(&mut self, plan: &ExportedPlan) -> Result<(), Failure> {
        self.seen += 1;
        self.named.0.extend(&plan.named_steps);
        self.named.1.extend(&plan.named_phases);
        if plan.steps.is_empty() {
            return Ok(());
        }
        if let Some(first) = self.ids.insert(plan.id.to_ascii_lowercase(), plan.real.clone()) {
            return Err(CustomId::twice(&plan.id, &first, &plan.real));
        }
        let files = self.layout.plan(plan, &mut self.sink)?;
        self.totals.tokens += plan.steps.iter().map(|step| step.tokens).sum::<u64>();
        self.totals.plans += 1;
        self.totals.prompts += plan.steps.len();
        match &mut self.ledger {
            Some(ledger) => ledger.plan(plan, files),
            None => Ok(()),
        }
    }

    fn fail(&mut self, path: String, failure: &Failure) {
        // A plan that is wrong is what is expected of plans; anything else says more.
        if matches!(self.exit, Exit::Done | Exit::Invalid) {
            self.exit = failure.exit;
        }
        self.failed.push(FailedPlan {
            path,
            exit: failure.exit.code(),
            why: failure.to_string(),
        });
    }

    fn finish(mut self) -> Result<Pass, Failure> {
        self.layout.finish(&mut self.sink)?;
        let files = self.sink.files;
        self.totals.files = files.len();
        self.totals.bytes = files.iter().map(|file| file.bytes).sum();
        if let Some(ledger) = self.ledger {
            ledger.finish(&self.failed, &files, &self.totals)?;
        }
        Ok(Pass {
            written: Written {
                totals: self.totals,
                failed: self.failed,
                exit: self.exit,
            },
            files,
        })
    }
}
