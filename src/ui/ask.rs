use std::cell::Cell;
use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Input, MultiSelect, Password, Select};
use rustix::termios::{QueueSelector, tcflush};

use super::editor::Editor;
use super::fit::Room;
use crate::interrupt::Interrupt;
use crate::session::{Answer, Stop};
use crate::words::{Exit, Failure, printable_line, secrets};

/// Asks at the terminal.
///
/// Whatever was typed before a question is thrown away, and no answer is chosen beforehand: neither keys typed ahead nor
/// a pasted line end can answer a consent.
pub(crate) struct Ask {
    theme: Box<dyn Theme>,
    /// Whether the terminal only prints and takes lines.
    plain: bool,
    interrupt: Interrupt,
    editor: Editor,
    /// Whether the keys of a menu were told.
    told: Cell<bool>,
}

/// How it is asked at the terminal.
#[derive(Debug, Clone)]
pub struct AskSettings {
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether the terminal only prints and takes lines: a menu is a list with numbers then, and the cursor stays.
    pub plain: bool,
    /// The person's editor.
    pub editor: String,
}

impl Ask {
    pub(crate) fn new(settings: AskSettings, interrupt: Interrupt) -> Self {
        let theme: Box<dyn Theme> = if settings.colour {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        };
        Self {
            theme,
            plain: settings.plain,
            editor: Editor::new(settings.editor, interrupt.clone()),
            interrupt,
            told: Cell::new(false),
        }
    }

    /// One of several answers; its index. Escape leaves the session.
    pub(crate) fn choose(&self, question: &str, answers: &[&str]) -> Answer<usize> {
        let mut mark = String::new();
        // Writing to a String cannot fail.
        let _ = self.theme.format_select_prompt_item(&mut mark, "", true);
        let question = &secrets::redact(question);
        let answers: Vec<_> = answers.iter().map(|answer| secrets::redact(answer)).collect();
        let answers: &[&str] = &answers.iter().map(|answer| &**answer).collect::<Vec<_>>();
        let Some(menu) = self.room(&mark).and_then(|room| room.whole(question, answers)) else {
            return self.choose_plainly(question, answers);
        };
        if !self.told.replace(true) {
            let _ = writeln!(
                crate::outlet::stderr(),
                "  (arrows move, enter chooses, escape leaves; nothing is chosen beforehand)"
            );
        }
        forget_typed();
        let list = Select::with_theme(&*self.theme)
            .with_prompt(menu.question)
            .items(menu.items);
        let picked = guarded(|| list.interact_opt());
        forget_typed();
        let Some(picked) = picked else {
            return self.choose_plainly(question, answers);
        };
        picked.map_err(|error| self.failed(error))?.ok_or(Stop::Quit)
    }

    /// Any number of things; one flag each. Escape leaves the session.
    pub(crate) fn pick(&self, question: &str, things: &[String]) -> Answer<Vec<bool>> {
        if things.is_empty() {
            return Ok(Vec::new());
        }
        let things: &[String] = &things
            .iter()
            .map(|thing| secrets::redact(thing).into_owned())
            .collect::<Vec<_>>();
        let shown: Vec<_> = things.iter().map(|thing| printable_line(thing)).collect();
        let asked = format!("{question} (space ticks, a ticks all, enter goes on)");
        let mut mark = String::new();
        let _ = self
            .theme
            .format_multi_select_prompt_item(&mut mark, "", true, true);
        let Some(menu) = self.room(&mark).and_then(|room| room.paged(&asked, &shown)) else {
            return self.pick_plainly(question, things);
        };
        forget_typed();
        let mut list = MultiSelect::with_theme(&*self.theme)
            .with_prompt(menu.question)
            .items(menu.items)
            .report(false);
        if let Some(page) = menu.page {
            list = list.max_length(page);
        }
        let picked = guarded(|| list.interact_opt());
        forget_typed();
        let Some(picked) = picked else {
            return self.pick_plainly(question, things);
        };
        let picked = picked.map_err(|error| self.failed(error))?.ok_or(Stop::Quit)?;
        self.trace(question, &format!("{} of {}", picked.len(), things.len()));
        Ok((0..things.len()).map(|index| picked.contains(&index)).collect())
    }

    /// Leaves a line on the screen that says how a question was answered, as the library does for one answer: that of
    /// several would be as long as the list.
    fn trace(&self, question: &str, answer: &str) {
        let mut line = String::new();
        let _ = self
            .theme
            .format_input_prompt_selection(&mut line, question, answer);
        let _ = writeln!(crate::outlet::stderr(), "{line}");
    }

    /// The answer by its number, where there is no room for a menu.
    fn choose_plainly(&self, question: &str, answers: &[&str]) -> Answer<usize> {
        loop {
            self.list(answers.iter().copied());
            let typed = self.words(&format!("{question} (a number{})", self.way_out()))?;
            if let Some(number) = typed
                .parse()
                .ok()
                .filter(|number| (1..=answers.len()).contains(number))
            {
                return Ok(number - 1);
            }
        }
    }

    /// Things by their numbers, where there is no room for a list.
    fn pick_plainly(&self, question: &str, things: &[String]) -> Answer<Vec<bool>> {
        loop {
            self.list(things.iter().map(String::as_str));
            let way_out = self.way_out();
            let asked = format!("{question} (numbers, `a` for all, nothing for none{way_out})");
            let typed = self.words(&asked)?;
            if typed == "a" {
                return Ok(vec![true; things.len()]);
            }
            let numbers: Result<Vec<usize>, _> = typed.split_whitespace().map(str::parse).collect();
            if let Ok(numbers) = numbers
                && numbers.iter().all(|number| (1..=things.len()).contains(number))
            {
                return Ok((1..=things.len())
                    .map(|number| numbers.contains(&number))
                    .collect());
            }
        }
    }

    /// What is said of leaving, where there is no escape key.
    fn way_out(&self) -> &'static str {
        if self.plain { "; Ctrl-D leaves" } else { "" }
    }

    fn list<'a>(&self, lines: impl Iterator<Item = &'a str>) {
        let mut out = crate::outlet::stderr();
        for (index, line) in lines.enumerate() {
            // A terminal that is gone ends the session at the question that follows.
            let _ = writeln!(out, "{}. {}", index + 1, printable_line(line));
        }
    }

    /// A line of words; may be empty.
    pub(crate) fn words(&self, question: &str) -> Answer<String> {
        if self.plain {
            return self.line(question);
        }
        forget_typed();
        let input = Input::<String>::with_theme(&*self.theme)
            .with_prompt(secrets::redact(question))
            .allow_empty(true)
            .interact_text();
        forget_typed();
        Ok(input.map_err(|error| self.failed(error))?.trim().to_owned())
    }

    /// A line as the terminal gives it. Its end of input leaves, as escape does elsewhere.
    fn line(&self, question: &str) -> Answer<String> {
        forget_typed();
        let mut out = crate::outlet::stderr();
        let _ = write!(out, "{question}: ").and_then(|()| out.flush());
        // As bytes: one that is no UTF-8 is a word like any other, and no end.
        let mut typed = Vec::new();
        let read = std::io::stdin().lock().read_until(b'\n', &mut typed);
        forget_typed();
        match read {
            Ok(0) => {
                let _ = writeln!(out);
                Err(Stop::Quit)
            }
            Ok(_) => Ok(String::from_utf8_lossy(&typed).trim().to_owned()),
            Err(error) => Err(self.failed(error.into())),
        }
    }

    /// A secret, which is not shown while it is typed.
    pub(crate) fn secret(&self, question: &str) -> Answer<String> {
        if self.plain {
            forget_typed();
            let mut out = crate::outlet::stderr();
            let _ = write!(out, "{question}: ").and_then(|()| out.flush());
            let typed = Term::stderr().read_secure_line();
            forget_typed();
            return Ok(typed
                .map_err(|error| self.failed(error.into()))?
                .trim()
                .to_owned());
        }
        forget_typed();
        let typed = Password::with_theme(&*self.theme)
            .with_prompt(question)
            .allow_empty_password(true)
            .report(false)
            .interact();
        forget_typed();
        Ok(typed.map_err(|error| self.failed(error))?.trim().to_owned())
    }

    /// A prompt in the person's editor; `None` when it was left as it is, or the editor failed, which is said.
    pub(crate) fn edit(&self, text: &str) -> Answer<Option<String>> {
        let end = ['\n', '\r'];
        let edited = self.edit_as(text, "prompt.md")?;
        let edited = edited.map(|edited| edited.trim_end_matches(end).to_owned());
        Ok(edited.filter(|edited| edited != text.trim_end_matches(end)))
    }

    /// A text in the person's editor, where it is called `name`; `None` when it was left as it is, or the editor failed,
    /// which is said.
    pub(crate) fn edit_as(&self, text: &str, name: &str) -> Answer<Option<String>> {
        forget_typed();
        let edited = self.editor.edit(text, name);
        forget_typed();
        match edited? {
            Ok(edited) => Ok(Some(edited)),
            Err(why) => {
                let mut out = crate::outlet::stderr();
                // A terminal that is gone ends the session at the question that follows.
                let _ = writeln!(
                    out,
                    "  the editor `{}`: {why}",
                    printable_line(self.editor.name())
                );
                Ok(None)
            }
        }
    }

    /// The room for a menu whose items bear a mark such as this; `None` where there is none: the library moves the cursor, and
    /// wants three lines at least.
    fn room(&self, mark: &str) -> Option<Room> {
        let (rows, columns) = Term::stderr().size();
        (!self.plain && rows >= 4).then(|| Room {
            rows: rows.into(),
            columns: columns.into(),
            mark: console::measure_text_width(mark),
        })
    }

    /// The signal that cut a question off. It is noted by another thread, which may be a moment behind.
    fn signal(&self) -> u8 {
        for _ in 0..200 {
            if let Some(signal) = self.interrupt.raised() {
                return signal;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        2
    }

    fn failed(&self, dialoguer::Error::IO(error): dialoguer::Error) -> Stop {
        if !self.plain {
            // A menu that was left by a signal leaves the cursor hidden.
            let _ = Term::stderr().show_cursor();
        }
        match error.kind() {
            std::io::ErrorKind::Interrupted => Stop::Interrupted(self.signal()),
            std::io::ErrorKind::NotConnected | std::io::ErrorKind::UnexpectedEof => Stop::Failure(
                Failure::new(
                    Exit::NeedsHuman,
                    "no-terminal",
                    "a question cannot be asked: there is no terminal",
                )
                .help("run at a terminal, or with `--unattended`"),
            ),
            _ => Stop::Failure(Failure::io(
                "ask at",
                std::path::Path::new("the terminal"),
                &error,
            )),
        }
    }
}

/// Asks with the library at the terminal; `None` where it gave up: it does on a terminal that is made less than three
/// rows high while a menu is on it.
fn guarded<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask));
    std::panic::set_hook(hook);
    if answer.is_err() {
        // It had hidden it.
        let _ = Term::stderr().show_cursor();
    }
    answer.ok()
}

fn forget_typed() {
    // Where this fails there is no terminal, and the question itself says so.
    let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
}
