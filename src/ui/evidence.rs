use std::path::Path;

use super::paint::Paint;
use crate::plan::List;
use crate::session::{BoxEvidence, BoxState, StepEvidence};
use crate::state::How;
use crate::words::{Digest, counted, printable, printable_line, shell_word};

/// Lines of a check and of what it printed that are shown; `log --text` has all of them.
const LINES: usize = 20;

/// Why boxes are ticked, in words for a person. `text` gives what a digest names.
pub fn evidence(
    boxes: &[BoxEvidence],
    steps: &[StepEvidence],
    colour: bool,
    text: &dyn Fn(&Digest) -> Option<String>,
) -> String {
    let mut sheet = Sheet {
        paint: Paint::new(colour),
        out: String::new(),
    };
    let mut last: Option<String> = None;
    for evidence in boxes {
        let place = place(&evidence.address.list);
        if last.as_ref() != Some(&place) {
            sheet.close(last.as_deref(), steps, text);
            sheet.title(&place);
            last = Some(place);
        }
        sheet.of_box(evidence);
    }
    sheet.close(last.as_deref(), steps, text);
    sheet.out
}

struct Sheet {
    paint: Paint,
    out: String,
}

impl Sheet {
    fn line(&mut self, text: impl std::fmt::Display) {
        self.out.push_str(&format!("{text}\n"));
    }

    fn title(&mut self, place: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let title = self.paint.title(printable_line(place)).to_string();
        self.line(title);
    }

    fn of_box(&mut self, evidence: &BoxEvidence) {
        let paint = self.paint;
        let mark = if evidence.state == BoxState::Open {
            paint.plain("[ ]")
        } else {
            paint.good("[x]")
        };
        let text = printable_line(&evidence.address.text).into_owned();
        self.line(format!("  {mark} {}{text}", number(evidence)));
        let by = evidence.by.as_deref().map(printable_line).unwrap_or_default();
        let at = evidence.at.as_deref().map(printable_line).unwrap_or_default();
        let why = match evidence.state {
            BoxState::Open => match &evidence.left {
                Some(reason) => format!("left open: {}", printable_line(reason)),
                None => return,
            },
            BoxState::Confirmed => format!("ticked at {at}: {by} confirmed it"),
            BoxState::Unattended => format!("ticked at {at}: nobody was asked (unattended)"),
            BoxState::Attested => {
                format!("ticked at {at}: {by} vouched for it beforehand (unattended)")
            }
            BoxState::ByHand => format!("ticked at {at}: by hand, by {by}; no check stands behind it"),
            BoxState::Outside => "ticked outside of stepgate: nothing is on record".to_owned(),
        };
        let why = match evidence.state {
            BoxState::Outside | BoxState::ByHand => paint.warn(&why).to_string(),
            _ => paint.faint(&why).to_string(),
        };
        self.line(format!("      {why}"));
    }

    /// What stands behind the boxes of a step, below them.
    fn close(
        &mut self,
        place: Option<&str>,
        steps: &[StepEvidence],
        text: &dyn Fn(&Digest) -> Option<String>,
    ) {
        let step = steps.iter().find(|step| place == Some(&of_step(&step.step)));
        if let Some(step) = step {
            self.step(step, text);
        }
    }

    fn step(&mut self, step: &StepEvidence, text: &dyn Fn(&Digest) -> Option<String>) {
        self.check(step, text);
        if let Some(again) = &step.rechecked {
            let verdict = if again.passed {
                self.paint.good("still held").to_string()
            } else if again.doubtful {
                self.paint.warn("in doubt").to_string()
            } else {
                self.paint.bad("no longer held").to_string()
            };
            let outcome = printable_line(&again.outcome).into_owned();
            self.line(format!("  later   {verdict} at {}: {outcome}", again.at));
        }
        self.worker(step);
        if !step.files.is_empty() {
            let files: Vec<_> = step.files.iter().map(|path| printable_line(path)).collect();
            self.line(format!("  files   {}", files.join(", ")));
        }
        if let Some(commit) = &step.commit {
            self.line(format!("  commit  {commit}"));
        }
    }

    /// Who did the work: an agent, a model, or a person.
    fn worker(&mut self, step: &StepEvidence) {
        if let (Some(agent), Some(endpoint), Some(prompt)) = (&step.agent, &step.endpoint, &step.prompt) {
            let at = step.sent.as_deref().unwrap_or_default();
            let named = printable_line(endpoint);
            self.line(format!(
                "  agent   prompt {} given to {named} at {at}",
                prompt.short()
            ));
            let words = agent.command.iter().map(|word| shell_word(Path::new(word)));
            let words: Vec<String> = words.collect();
            self.line(format!("          $ {}", printable_line(&words.join(" "))));
            let outcome = agent.outcome.as_deref().unwrap_or("was cut off");
            let digest = |name: &str, digest: &Option<Digest>| {
                let digest = digest.as_ref();
                digest.map_or_else(String::new, |digest| format!("; {name} {}", digest.short()))
            };
            self.line(format!(
                "          {}{}{}",
                printable_line(outcome),
                digest("printed", &agent.output),
                digest("difference", &agent.diff)
            ));
            return;
        }
        let sent = match (&step.endpoint, &step.prompt) {
            (Some(endpoint), Some(prompt)) => {
                let model = step.model.as_deref().unwrap_or("its model");
                let at = step.sent.as_deref().unwrap_or_default();
                format!(
                    "prompt {} sent to {} ({}) at {at}",
                    prompt.short(),
                    printable_line(endpoint),
                    printable_line(model)
                )
            }
            (_, Some(prompt)) => format!("prompt {} handed to the person", prompt.short()),
            (_, None) => "nothing was sent: a person did it by hand".to_owned(),
        };
        let reply = step
            .reply
            .as_ref()
            .map(|reply| format!("; reply {}", reply.short()));
        self.line(format!("  model   {sent}{}", reply.unwrap_or_default()));
    }

    fn check(&mut self, step: &StepEvidence, text: &dyn Fn(&Digest) -> Option<String>) {
        let Some(evidence) = &step.check else { return };
        let check = &evidence.check;
        let how = match &check.how {
            How::All => "; stepgate ran all of it".to_owned(),
            How::Chosen(lines) => {
                format!(
                    "; only {}",
                    counted(lines.len(), "chosen command", "chosen commands")
                )
            }
            How::OwnTerminal => "; in the person's own terminal, where only how it ended is known".to_owned(),
            How::ByHand => String::new(),
        };
        let script = check
            .script
            .as_ref()
            .map(|script| format!("; text {}", script.short()));
        self.line(format!(
            "  check   {} at {}, attempt {}{how}{}",
            printable_line(&check.outcome),
            evidence.at,
            step.attempt,
            script.unwrap_or_default()
        ));
        for command in &check.commands {
            let took = command.took().map(|took| format!(", {took}"));
            let words = printable_line(command.text.lines().next().unwrap_or_default()).into_owned();
            self.line(format!(
                "          $ {words}  {}{}",
                command.ended(),
                took.unwrap_or_default()
            ));
        }
        if check.commands.is_empty()
            && let Some(script) = check.script.as_ref().and_then(text)
        {
            for line in script.lines().take(LINES) {
                self.line(format!("          $ {}", printable(line)));
            }
        }
        if let Some(output) = &check.output {
            self.printed(output, text);
        }
        match &evidence.tree {
            Some(tree) => self.line(format!("  tree    {tree}")),
            None => self.line("  tree    not on record"),
        }
    }

    fn printed(&mut self, output: &Digest, text: &dyn Fn(&Digest) -> Option<String>) {
        let Some(printed) = text(output) else {
            self.line(format!("  printed {} (no longer kept)", output.short()));
            return;
        };
        let lines: Vec<&str> = printed.lines().collect();
        let more = lines.len().saturating_sub(LINES);
        let cut = if more > 0 {
            format!(", the last {LINES} of {} lines", lines.len())
        } else {
            String::new()
        };
        self.line(format!("  printed {}{cut}", output.short()));
        for line in &lines[more..] {
            self.line(format!("          │ {}", printable(line)));
        }
    }
}

fn of_step(id: &str) -> String {
    format!("Step {id}")
}

fn place(list: &List) -> String {
    match list {
        List::Tasks(id) | List::Criteria(id) | List::Other(id) => of_step(id),
        List::Completion(phase) => format!("Phase {phase}: completion criteria"),
        List::Checklist(path, _) => path.join(" › "),
    }
}

fn number(evidence: &BoxEvidence) -> String {
    let number = evidence.address.index + 1;
    match &evidence.address.list {
        List::Tasks(_) => format!("task {number}: "),
        List::Criteria(_) => format!("criterion {number}: "),
        List::Other(_) | List::Completion(_) | List::Checklist(..) => String::new(),
    }
}
