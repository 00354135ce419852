use super::layout::Layout;
use super::output::{Sink, length};
use super::sheet::Sheet;
use super::{ExportedPlan, ExportedStep, Limits, Wire};
use crate::words::{Diagnostic, Exit, Failure};

/// How much is gathered before it is written: few calls take much, and a stream's copy of it is small.
const GATHERED: u64 = 1 << 20;

/// Requests for a batch engine, in as many files as its limits want.
pub(super) struct Batches {
    frame: Frame,
    limits: Limits,
    current: Option<Current>,
    /// Files begun.
    count: usize,
}

/// The file that takes the next request.
struct Current {
    sheet: Sheet,
    requests: usize,
}

/// What stands around requests.
struct Frame {
    ending: &'static str,
    /// Before the first request of a file, before every other, and after the last.
    open: &'static str,
    between: &'static str,
    close: &'static str,
    /// Behind the id, and behind the body.
    behind_id: String,
    behind: &'static str,
}

impl Batches {
    /// A request a line, for OpenAI's engine.
    pub(super) fn lines(wire: &Wire, limits: Limits) -> Self {
        Self::new(
            Frame {
                ending: "jsonl",
                open: "",
                between: "",
                close: "",
                behind_id: format!(r#"","method":"POST","url":"{}","body":"#, wire.path()),
                behind: "}\n",
            },
            limits,
        )
    }

    /// One document, for Anthropic's.
    pub(super) fn document(limits: Limits) -> Self {
        Self::new(
            Frame {
                ending: "json",
                open: "{\"requests\":[\n",
                between: ",\n",
                close: "\n]}\n",
                behind_id: r#"","params":"#.to_owned(),
                behind: "}",
            },
            limits,
        )
    }

    fn new(frame: Frame, limits: Limits) -> Self {
        Self {
            frame,
            limits,
            current: None,
            count: 0,
        }
    }

    /// How many of the steps the file takes now, in one go.
    fn room(&self, current: &Current, steps: &[ExportedStep]) -> usize {
        let mut bytes = 0;
        let fits = |(at, step): &(usize, &ExportedStep)| {
            let size = length(&self.frame.request(step)) + self.frame.between.len() as u64;
            let room = current.requests + at < self.limits.requests
                && current.sheet.bytes + bytes + size + self.frame.close.len() as u64 <= self.limits.bytes
                && bytes < GATHERED;
            bytes += size;
            room
        };
        steps.iter().enumerate().take_while(fits).count()
    }

    /// Writes as many of the steps as go to one file in one go, one at least; how many, and the file.
    fn write(&mut self, steps: &[ExportedStep], sink: &mut Sink<'_>) -> Result<(usize, String), Failure> {
        let mut current = match self.current.take() {
            None => self.begin(sink)?,
            Some(current) if self.room(&current, steps) > 0 => current,
            Some(_) if sink.is_stream() => return Err(self.too_much()),
            Some(full) => {
                self.end(full, sink)?;
                self.begin(sink)?
            }
        };
        // What no file takes was refused before: a new one takes the first of them.
        let count = self.room(&current, steps).max(1);
        let mut parts: Vec<&[u8]> = Vec::new();
        for step in steps.iter().take(count) {
            if current.requests > 0 {
                parts.push(self.frame.between.as_bytes());
            }
            parts.extend(self.frame.request(step));
            current.requests += 1;
        }
        sink.add(&mut current.sheet, &parts)?;
        let path = current.sheet.path.clone();
        self.current = Some(current);
        Ok((count, path))
    }

    fn begin(&mut self, sink: &mut Sink<'_>) -> Result<Current, Failure> {
        self.count += 1;
        let path = format!("requests-{:04}.{}", self.count, self.frame.ending);
        let mut sheet = sink.begin(&path)?;
        sink.add(&mut sheet, &[self.frame.open.as_bytes()])?;
        Ok(Current { sheet, requests: 0 })
    }

    fn end(&self, mut current: Current, sink: &mut Sink<'_>) -> Result<(), Failure> {
        sink.add(&mut current.sheet, &[self.frame.close.as_bytes()])?;
        sink.end(current.sheet);
        Ok(())
    }

    fn too_much(&self) -> Failure {
        let Limits { requests, bytes } = self.limits;
        let text = format!(
            "this is more than one file takes, {requests} requests or {bytes} bytes, and standard output is one"
        );
        Failure::new(Exit::Usage, "too-much", text)
            .help("name a folder with `-o DIR`, or export fewer plans or steps at a time")
    }
}

impl Frame {
    /// A request with all that belongs to it.
    fn request<'a>(&'a self, step: &'a ExportedStep) -> [&'a [u8]; 7] {
        let [head, own, tail] = step.body();
        [
            br#"{"custom_id":""#,
            step.id.as_str().as_bytes(),
            self.behind_id.as_bytes(),
            head,
            own,
            tail,
            self.behind.as_bytes(),
        ]
    }
}

impl Layout for Batches {
    fn check(&self, plan: &ExportedPlan) -> Result<(), Failure> {
        let around = (self.frame.open.len() + self.frame.close.len()) as u64;
        for step in &plan.steps {
            let size = length(&self.frame.request(step)) + around;
            if size > self.limits.bytes {
                let text = format!(
                    "the request of step {} of `{}` has {size} bytes, and a file takes {}",
                    step.step, plan.path, self.limits.bytes
                );
                return Err(Failure::from(
                    Diagnostic::error("too-long", text)
                        .help("let the step show less: see `stepgate prompt PLAN STEP`"),
                ));
            }
        }
        Ok(())
    }

    fn plan(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<Vec<String>, Failure> {
        let mut files = Vec::with_capacity(plan.steps.len());
        while let Some(steps) = plan.steps.get(files.len()..).filter(|steps| !steps.is_empty()) {
            let (count, file) = self.write(steps, sink)?;
            files.extend(std::iter::repeat_n(file, count));
        }
        Ok(files)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        match self.current.take() {
            Some(current) => self.end(current, sink),
            None => Ok(()),
        }
    }
}
