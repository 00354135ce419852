//! Commands that do not end by themselves.

use super::line::Part;

/// Commands that serve, watch or wait until they are ended.
const SERVERS: &[&str] = &[
    "runserver",
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "npm start",
    "npm run dev",
    "npm run start",
    "npm run serve",
    "yarn start",
    "yarn dev",
    "pnpm dev",
    "pnpm start",
    "next dev",
    "nodemon",
    "flask run",
    "rails server",
    "rails s",
    "php artisan serve",
    "mkdocs serve",
    "hugo server",
    "python -m http.server",
    "python3 -m http.server",
    "docker compose up",
    "docker-compose up",
    "kubectl port-forward",
    "cargo watch",
    "redis-server",
    "npm run watch",
    "yarn watch",
    "ng serve",
    "jekyll serve",
    "sleep infinity",
    "sleep inf",
];

/// What makes such a command come back.
const DETACHED: &[&str] = &["-d", "--detach", "--wait", "--version", "--help", "-h"];

/// Programs that follow what is written, by their first words.
const FOLLOWERS: &[&[&str]] = &[
    &["tail"],
    &["journalctl"],
    &["kubectl", "logs"],
    &["oc", "logs"],
    &["docker", "logs"],
    &["podman", "logs"],
    &["docker", "compose", "logs"],
    &["docker-compose", "logs"],
];

/// Whether a trimmed line, whose commands are `parts`, has a command that runs until somebody ends it.
pub(super) fn never_ends(line: &str, parts: &[Part<'_>]) -> bool {
    let in_background = line.ends_with('&') && !line.ends_with("&&");
    if in_background || line.starts_with("timeout ") {
        return false;
    }
    let comes_back = line.split_whitespace().any(|word| DETACHED.contains(&word));
    let is_there = |server: &&str| {
        line.match_indices(*server)
            .any(|(at, _)| is_word(line, at, server.len()))
    };
    !comes_back && SERVERS.iter().any(is_there) || parts.iter().any(follows)
}

/// Whether it waits for more of what it shows, or for changes of files.
fn follows(part: &Part<'_>) -> bool {
    let words: Vec<&str> = part.words().collect();
    if words.first() == Some(&"timeout") {
        return false;
    }
    let watches = words
        .iter()
        .any(|word| ["--watch", "--watchAll", "--watch-all"].contains(word));
    let flags = words.iter().filter_map(|word| word.strip_prefix('-'));
    let follows = |flag: &str| match flag.strip_prefix('-') {
        Some(long) => long == "follow" || long.starts_with("follow=") && long != "follow=false",
        None => flag.chars().all(char::is_alphabetic) && flag.contains(['f', 'F']),
    };
    // `docker -H there logs` is as good as `docker logs`.
    let is = |program: &&[&str]| {
        words.first() == program.first() && program.iter().all(|word| words.contains(word))
    };
    watches || FOLLOWERS.iter().any(is) && flags.into_iter().any(follows)
}

fn is_word(line: &str, at: usize, length: usize) -> bool {
    let before = line[..at].chars().next_back();
    let after = line[at + length..].chars().next();
    before.is_none_or(|c| c == ' ' || c == '/') && after.is_none_or(|c| c == ' ')
}
