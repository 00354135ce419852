use serde::Deserialize;
use toml::Spanned;

use super::file::File;
use super::values::{Content, Time};
use crate::mock::{
    Cut, CutHow, Drip, ErrorEvent, Fault, Malformed, MalformedWhat, Pace, Pings, Point, Stall,
};
use crate::words::{Failure, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaceTable {
    first: Option<Time>,
    tokens_per_second: Option<Spanned<f64>>,
    chunk: Option<Spanned<usize>>,
    #[serde(default)]
    flush: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultTable {
    times: Option<Spanned<u32>>,
    chance: Option<Spanned<f64>>,
    delay: Option<Time>,
    hang_up: Option<Spanned<bool>>,
    refuse: Option<Spanned<Time>>,
    content_type: Option<Spanned<Content>>,
    pub(super) stall: Option<Spanned<StallTable>>,
    pub(super) cut: Option<Spanned<CutTable>>,
    malformed: Option<Spanned<MalformedTable>>,
    pub(super) split_characters: Option<Spanned<bool>>,
    pub(super) error_event: Option<Spanned<ErrorEventTable>>,
    pub(super) endless: Option<Spanned<bool>>,
    drip: Option<Spanned<DripTable>>,
    pub(super) pings: Option<Spanned<PingsWord>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StallTable {
    after_chunks: Option<usize>,
    after_bytes: Option<usize>,
    #[serde(rename = "for")]
    lasting: Option<Time>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutTable {
    after_chunks: Option<usize>,
    after_bytes: Option<usize>,
    how: Option<CutWord>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum CutWord {
    Closed,
    Reset,
    Ended,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MalformedTable {
    #[serde(default)]
    chunk: usize,
    what: MalformedWord,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum MalformedWord {
    Json,
    Event,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorEventTable {
    #[serde(default)]
    after_chunks: usize,
    status: Spanned<u16>,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DripTable {
    bytes: Spanned<usize>,
    every: Time,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum PingsWord {
    Doubled,
    Misplaced,
}

/// The span of a switch that is on.
pub(super) fn on(switch: Option<&Spanned<bool>>) -> Option<Span> {
    switch.filter(|switch| *switch.get_ref()).map(Spanned::span)
}

/// The span of a value that is there.
pub(super) fn at<T>(value: Option<&Spanned<T>>) -> Option<Span> {
    value.map(Spanned::span)
}

/// The status of an error.
pub(super) fn status(file: &File<'_>, status: &Spanned<u16>) -> Result<u16, Failure> {
    if !(400..=599).contains(status.get_ref()) {
        return Err(file.refuse(
            status.span(),
            "the status of an error is a number from 400 to 599",
        ));
    }
    Ok(*status.get_ref())
}

/// A number of calls.
pub(super) fn times(file: &File<'_>, times: Option<&Spanned<u32>>) -> Result<Option<u32>, Failure> {
    match times {
        Some(times) if *times.get_ref() == 0 => Err(file
            .refuse(times.span(), "0 times is never")
            .help("take it away, or give a number from 1")),
        times => Ok(times.map(|times| *times.get_ref())),
    }
}

impl PaceTable {
    pub(super) fn read(&self, file: &File<'_>) -> Result<Pace, Failure> {
        if let Some(rate) = &self.tokens_per_second
            && !(rate.get_ref().is_finite() && *rate.get_ref() > 0.0)
        {
            return Err(file
                .refuse(rate.span(), "a reply at this pace never ends")
                .help("give a number above 0, or leave it away for as fast as can be"));
        }
        Ok(Pace {
            first: self.first.map_or_else(Default::default, |time| time.0),
            tokens_per_second: self.tokens_per_second.as_ref().map(|rate| *rate.get_ref()),
            chunk: self
                .chunk
                .as_ref()
                .map_or(Ok(1), |chunk| at_least_one(file, chunk))?,
            flush: self.flush,
        })
    }
}

impl FaultTable {
    pub(super) fn read(&self, file: &File<'_>, span: Span) -> Result<Fault, Failure> {
        if let Some(chance) = &self.chance
            && !(0.0..=1.0).contains(chance.get_ref())
        {
            return Err(file.refuse(chance.span(), "a chance is a number from 0 to 1"));
        }
        self.without_answer(file)?;
        let cut = self.cut.as_ref();
        let fault = Fault {
            times: times(file, self.times.as_ref())?,
            chance: self.chance.as_ref().map(|chance| *chance.get_ref()),
            delay: self.delay.map_or_else(Default::default, |time| time.0),
            hang_up: on(self.hang_up.as_ref()).is_some(),
            refuse: self.refuse.as_ref().map(|time| time.get_ref().0),
            content_type: self.content_type.as_ref().map(|text| text.get_ref().0.clone()),
            stall: self
                .stall
                .as_ref()
                .map(|stall| self::stall(file, stall))
                .transpose()?,
            cut: cut.map(|cut| self::cut(file, cut)).transpose()?,
            malformed: self.malformed.as_ref().map(|table| table.get_ref().read()),
            split_characters: on(self.split_characters.as_ref()).is_some(),
            error_event: self
                .error_event
                .as_ref()
                .map(|event| error_event(file, event.get_ref()))
                .transpose()?,
            endless: on(self.endless.as_ref()).is_some(),
            drip: self
                .drip
                .as_ref()
                .map(|drip| self::drip(file, drip.get_ref()))
                .transpose()?,
            pings: self.pings.as_ref().map(|word| match word.get_ref() {
                PingsWord::Doubled => Pings::Doubled,
                PingsWord::Misplaced => Pings::Misplaced,
            }),
        };
        let nothing = Fault {
            times: fault.times,
            chance: fault.chance,
            ..Fault::default()
        };
        if fault == nothing {
            return Err(file
                .refuse(span, "a fault in which nothing goes wrong")
                .help("say what does, such as `delay = \"2s\"`, or take it away"));
        }
        Ok(fault)
    }

    /// Refuses what can only go wrong with an answer where there is none.
    fn without_answer(&self, file: &File<'_>) -> Result<(), Failure> {
        let of_answer = [
            ("content_type", at(self.content_type.as_ref())),
            ("stall", at(self.stall.as_ref())),
            ("cut", at(self.cut.as_ref())),
            ("malformed", at(self.malformed.as_ref())),
            ("split_characters", on(self.split_characters.as_ref())),
            ("error_event", at(self.error_event.as_ref())),
            ("endless", on(self.endless.as_ref())),
            ("drip", at(self.drip.as_ref())),
            ("pings", at(self.pings.as_ref())),
        ];
        if on(self.hang_up.as_ref()).is_some() {
            file.beside("`hang_up`", &of_answer)?;
            return file.beside("`hang_up`", &[("refuse", at(self.refuse.as_ref()))]);
        }
        match self.refuse {
            Some(_) => file.beside("`refuse`", &of_answer),
            None => Ok(()),
        }
    }
}

impl MalformedTable {
    fn read(&self) -> Malformed {
        Malformed {
            chunk: self.chunk,
            what: match self.what {
                MalformedWord::Json => MalformedWhat::Json,
                MalformedWord::Event => MalformedWhat::Event,
            },
        }
    }
}

fn stall(file: &File<'_>, table: &Spanned<StallTable>) -> Result<Stall, Failure> {
    let fields = table.get_ref();
    Ok(Stall {
        after: point(file, table.span(), fields.after_chunks, fields.after_bytes)?,
        lasting: fields.lasting.map(|time| time.0),
    })
}

fn cut(file: &File<'_>, table: &Spanned<CutTable>) -> Result<Cut, Failure> {
    let fields = table.get_ref();
    Ok(Cut {
        after: point(file, table.span(), fields.after_chunks, fields.after_bytes)?,
        how: match fields.how {
            None | Some(CutWord::Closed) => CutHow::Closed,
            Some(CutWord::Reset) => CutHow::Reset,
            Some(CutWord::Ended) => CutHow::Ended,
        },
    })
}

fn point(file: &File<'_>, span: Span, chunks: Option<usize>, bytes: Option<usize>) -> Result<Point, Failure> {
    match (chunks, bytes) {
        (Some(chunks), None) => Ok(Point::Chunk(chunks)),
        (None, Some(bytes)) => Ok(Point::Byte(bytes)),
        _ => Err(file.refuse(span, "this wants exactly one of `after_chunks` and `after_bytes`")),
    }
}

fn error_event(file: &File<'_>, table: &ErrorEventTable) -> Result<ErrorEvent, Failure> {
    Ok(ErrorEvent {
        after: table.after_chunks,
        status: status(file, &table.status)?,
        message: table.message.clone(),
    })
}

fn drip(file: &File<'_>, table: &DripTable) -> Result<Drip, Failure> {
    Ok(Drip {
        bytes: at_least_one(file, &table.bytes)?,
        every: table.every.0,
    })
}

fn at_least_one(file: &File<'_>, number: &Spanned<usize>) -> Result<usize, Failure> {
    match *number.get_ref() {
        0 => Err(file
            .refuse(number.span(), "nothing at a time never ends")
            .help("give a number from 1")),
        number => Ok(number),
    }
}
