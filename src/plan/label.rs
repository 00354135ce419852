/// The labelled parts of a step, a phase or the document's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Goal,
    Files,
    Prompt,
    Tasks,
    Dependencies,
    Criteria,
    Check,
    Rollback,
    Completion,
    FinalPrompt,
    /// Any other label: what stands under it stays part of the text around it.
    Unknown,
}

impl Label {
    /// Which label a bold text is, in letters of either case.
    pub(crate) fn of(name: &str) -> Self {
        const KNOWN: &[(&str, Label)] = &[
            ("goal", Label::Goal),
            ("files to create/modify", Label::Files),
            ("files to create or modify", Label::Files),
            ("files to create", Label::Files),
            ("files to modify", Label::Files),
            ("files", Label::Files),
            ("ai prompt", Label::Prompt),
            ("tasks", Label::Tasks),
            ("dependencies", Label::Dependencies),
            ("validation criteria", Label::Criteria),
            ("success check", Label::Check),
            ("success checks", Label::Check),
            ("rollback plan", Label::Rollback),
            ("completion criteria", Label::Completion),
            ("final ai prompt", Label::FinalPrompt),
        ];
        KNOWN
            .iter()
            .find(|(text, _)| text.eq_ignore_ascii_case(name))
            .map_or(Self::Unknown, |(_, label)| *label)
    }
}
