use std::fmt;

use super::Id;

/// One of the three documents of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What is to be built, and why.
    Requirements,
    /// How it is built.
    Design,
    /// The plan: phases and steps.
    Implementation,
}

impl Role {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 3] = [Self::Requirements, Self::Design, Self::Implementation];

    /// The last word of the document's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Requirements => "requirements",
            Self::Design => "design",
            Self::Implementation => "implementation",
        }
    }

    /// The name of its template, the repository's or the program's.
    pub fn template(self) -> &'static str {
        match self {
            Self::Requirements => "ep-requirements-template.md",
            Self::Design => "ep-design-template.md",
            Self::Implementation => "ep-implementation-template.md",
        }
    }
}

/// The name of a document: `EP-0003-alert-history-design.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Of which proposal.
    pub id: Id,
    /// Its title in a few words; may be empty.
    pub slug: String,
    /// Which document.
    pub role: Role,
}

impl Name {
    /// Reads the name of a file; `None` for what is no document of a proposal.
    pub fn parse(file: &str) -> Option<Self> {
        let stem = file.strip_suffix(".md")?;
        let (rest, role) = Role::ALL.into_iter().find_map(|role| {
            let rest = stem.strip_suffix(role.word())?.strip_suffix('-')?;
            Some((rest, role))
        })?;
        let mut parts = rest.splitn(3, '-');
        let id = Id::parse(&format!("{}-{}", parts.next()?, parts.next()?))?;
        let slug = parts.next().unwrap_or_default().to_owned();
        Some(Self { id, slug, role })
    }

    /// The name of another document of the same proposal.
    pub fn of(&self, role: Role) -> Self {
        Self { role, ..self.clone() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        if !self.slug.is_empty() {
            write!(f, "-{}", self.slug)?;
        }
        write!(f, "-{}.md", self.role.word())
    }
}

/// Characters of a slug at most: a name has to fit into a listing.
const SLUG_LIMIT: usize = 60;

/// A title as part of a file's name: lowercase letters and digits with hyphens between words. Empty where the title has
/// neither.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in title.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let more = word.chars().count() + usize::from(!slug.is_empty());
        if slug.chars().count() + more > SLUG_LIMIT {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        slug = title
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .take(SLUG_LIMIT)
            .collect();
    }
    slug
}
