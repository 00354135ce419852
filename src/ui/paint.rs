use std::fmt::Display;

use console::{Style, StyledObject};

/// Colours text, or leaves it plain, by one flag that was decided where the process was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// With colours or without.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Text like any other.
    pub fn plain<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().apply_to(text)
    }

    /// A heading.
    pub fn title<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().bold().apply_to(text)
    }

    /// What is done.
    pub fn good<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().green().apply_to(text)
    }

    /// What comes next.
    pub fn next<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().cyan().bold().apply_to(text)
    }

    /// What a person should look at.
    pub fn warn<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().yellow().apply_to(text)
    }

    /// What is wrong.
    pub fn bad<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().red().bold().apply_to(text)
    }

    /// What is only there to lead the eye.
    pub fn faint<T: Display>(self, text: T) -> StyledObject<T> {
        self.style().dim().apply_to(text)
    }

    fn style(self) -> Style {
        // Never console's own idea of the terminal: it looks at the process.
        Style::new().force_styling(self.colour)
    }
}
