use serde::Deserialize;
use toml::Spanned;

use super::fault::{FaultTable, PaceTable, at, on, times};
use super::file::File;
use super::said::{self, CallTable, ErrorTable, FinishWord, RecordedTable, SpeechFields};
use super::values::Headers;
use crate::mock::{Answer, Cut, CutHow, FRAMING, Fault, Point, Reply};
use crate::words::{Failure, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyTable {
    text: Option<Spanned<String>>,
    file: Option<Spanned<String>>,
    calls: Option<Spanned<Vec<CallTable>>>,
    error: Option<Spanned<ErrorTable>>,
    recorded: Option<Spanned<RecordedTable>>,
    template: Option<Spanned<bool>>,
    finish: Option<Spanned<FinishWord>>,
    cut: Option<Spanned<bool>>,
    times: Option<Spanned<u32>>,
    headers: Option<Spanned<Headers>>,
    pace: Option<Spanned<PaceTable>>,
    fault: Option<Spanned<FaultTable>>,
}

pub(super) fn read(file: &File<'_>, table: Spanned<ReplyTable>) -> Result<Reply, Failure> {
    let span = table.span();
    let table = table.into_inner();
    table.contradictions(file, &span)?;
    let pace = table.pace.as_ref().map(|pace| pace.get_ref().read(file));
    Ok(Reply {
        times: times(file, table.times.as_ref())?,
        pace: pace.transpose()?.unwrap_or_default(),
        fault: table.fault(file)?,
        place: file.place(&span),
        answer: match (table.error, table.recorded) {
            (Some(error), _) => Answer::Refused(said::refusal(file, error)?),
            (None, Some(recorded)) => Answer::Recorded(said::recording(file, &recorded)?),
            (None, None) => Answer::Said(said::speech(
                file,
                SpeechFields {
                    text: table.text,
                    file: table.file,
                    calls: table.calls,
                    template: on(table.template.as_ref()),
                    finish: table.finish,
                },
            )?),
        },
        headers: table
            .headers
            .map(|headers| headers.into_inner().0)
            .unwrap_or_default(),
    })
}

impl ReplyTable {
    fn contradictions(&self, file: &File<'_>, span: &Span) -> Result<(), Failure> {
        let kinds = [
            self.text.is_some(),
            self.file.is_some(),
            self.error.is_some(),
            self.recorded.is_some(),
        ];
        let given = kinds.into_iter().filter(|is| *is).count();
        if given > 1 || given == 0 && self.calls.is_none() {
            return Err(file.refuse(
                span.clone(),
                "a reply has exactly one of `text`, `file`, `error` and `recorded`, or `calls`",
            ));
        }
        let of_speech = [
            ("calls", at(self.calls.as_ref())),
            ("template", at(self.template.as_ref())),
            ("finish", at(self.finish.as_ref())),
            ("cut", at(self.cut.as_ref())),
            ("pace", at(self.pace.as_ref())),
        ];
        if let Some(headers) = &self.headers
            && let Some((name, _)) = headers
                .get_ref()
                .0
                .iter()
                .find(|(name, _)| FRAMING.contains(&name.as_str()))
        {
            let text = format!("`{name}` is the server's to say: it belongs to the transfer");
            return Err(file
                .refuse(headers.span(), text)
                .help("take it away; `fault` has what can go wrong with a transfer"));
        }
        if self.error.is_some() {
            file.beside("`error`", &of_speech)?;
            return file.beside("`error`", &self.of_stream());
        }
        if self.recorded.is_some() {
            file.beside("`recorded`", &of_speech)?;
            let others = [
                ("headers", at(self.headers.as_ref())),
                ("fault", at(self.fault.as_ref())),
            ];
            return file.beside("`recorded`", &others);
        }
        if given == 0 {
            file.beside("`calls` alone", &[("template", on(self.template.as_ref()))])?;
        }
        self.ends(file)
    }

    /// Faults that only a stream of text can have.
    fn of_stream(&self) -> [(&'static str, Option<Span>); 4] {
        let fault = self.fault.as_ref().map(Spanned::get_ref);
        [
            (
                "split_characters",
                on(fault.and_then(|fault| fault.split_characters.as_ref())),
            ),
            (
                "error_event",
                at(fault.and_then(|fault| fault.error_event.as_ref())),
            ),
            ("endless", on(fault.and_then(|fault| fault.endless.as_ref()))),
            ("pings", at(fault.and_then(|fault| fault.pings.as_ref()))),
        ]
    }

    /// Refuses ends that contradict each other.
    fn ends(&self, file: &File<'_>) -> Result<(), Failure> {
        let fault = self.fault.as_ref().map(Spanned::get_ref);
        let finish = ("finish", at(self.finish.as_ref()));
        let cut = on(self.cut.as_ref());
        if on(fault.and_then(|fault| fault.endless.as_ref())).is_some() {
            file.beside("`endless`", &[("cut", cut.clone()), finish.clone()])?;
        }
        if at(fault.and_then(|fault| fault.cut.as_ref())).is_some() {
            file.beside("a `cut` of the fault", &[("cut", cut)])?;
        }
        if let Some(calls) = &self.calls {
            if calls.get_ref().is_empty() {
                return Err(file
                    .refuse(calls.span(), "no tool is called here")
                    .help("name one, or take `calls` away"));
            }
            file.beside("`calls`", &[finish])?;
        }
        Ok(())
    }

    fn fault(&self, file: &File<'_>) -> Result<Option<Fault>, Failure> {
        let fault = self.fault.as_ref();
        let fault = fault
            .map(|fault| fault.get_ref().read(file, fault.span()))
            .transpose()?;
        if on(self.cut.as_ref()).is_none() {
            return Ok(fault);
        }
        Ok(Some(Fault {
            cut: Some(Cut {
                after: Point::Chunk(usize::MAX),
                how: CutHow::Ended,
            }),
            ..fault.unwrap_or_default()
        }))
    }
}
