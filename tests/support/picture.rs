//! A terminal as a picture: what a real run wrote, drawn as an SVG that looks the same wherever it was made.

use std::fmt::Write as _;

/// A picture is drawn in these units, which are pixels where nothing scales it.
const CELL: (f64, f64) = (8.4, 18.5);
const FONT: f64 = 14.0;
const BAR: f64 = 36.0;
const MARGIN: f64 = 22.0;

/// Colours 0 to 15 of the terminal, on a dark ground.
const COLOURS: [&str; 16] = [
    "#545d68", "#f47067", "#6bc46d", "#daaa3f", "#6cb6ff", "#dcbdfb", "#56d4dd", "#cdd9e5", "#768390",
    "#ff938a", "#8ddb8c", "#eac55f", "#96d0ff", "#f69d50", "#b3f0ff", "#ffffff",
];
const INK: &str = "#cdd9e5";
const FAINT: &str = "#8b949e";
const GROUND: &str = "#1c2128";
const FRAME: &str = "#2d333b";

/// How a character looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    colour: Option<u8>,
    bold: bool,
    faint: bool,
}

/// Rows of a terminal.
pub(crate) struct Picture {
    rows: Vec<Vec<(char, Look)>>,
    columns: u16,
    past: usize,
}

impl Picture {
    /// What a terminal of so many columns shows, from its first row to its last, after all of this was written.
    pub(crate) fn of(written: &str, columns: u16) -> Self {
        // As high as the text is long, so that nothing scrolls away. Cursor movements are relative.
        let height = u16::try_from(written.lines().count() + 100).unwrap();
        let mut parser = vt100::Parser::new(height.try_into().unwrap(), columns.try_into().unwrap(), 0);
        parser.process(written.as_bytes());
        let screen = parser.screen();
        let mut rows: Vec<Vec<(char, Look)>> = (0..height)
            .map(|row| {
                let cells = (0..columns).filter_map(|column| screen.cell(row, column));
                let mut cells: Vec<(char, Look)> = cells
                    .map(|cell| (cell.contents().chars().next().unwrap_or(' '), look(cell)))
                    .collect();
                let end = cells.iter().rposition(|(c, _)| *c != ' ').map_or(0, |at| at + 1);
                cells.truncate(end);
                cells
            })
            .collect();
        while rows.last().is_some_and(Vec::is_empty) {
            rows.pop();
        }
        Self {
            rows,
            columns,
            past: 0,
        }
    }

    /// The rows without their colours.
    pub(crate) fn text(&self) -> Vec<String> {
        let line = |row: &Vec<(char, Look)>| row.iter().map(|(c, _)| c).collect();
        self.rows.iter().map(line).collect()
    }

    /// Cuts away what comes after the first row that begins so.
    pub(crate) fn end_at(&mut self, begin: &str) {
        let at = self.text().iter().position(|row| row.starts_with(begin)).unwrap();
        self.rows.truncate(at + 1);
    }

    /// Writes a row above all others, as the shell had it.
    pub(crate) fn typed(&mut self, command: &str) {
        let prompt = Look {
            colour: Some(2),
            bold: true,
            ..Look::default()
        };
        let strong = Look {
            bold: true,
            ..Look::default()
        };
        let row = [('$', prompt), (' ', strong)].into_iter();
        self.rows
            .insert(0, row.chain(command.chars().map(|c| (c, strong))).collect());
    }

    /// Leaves out the rows between the next one that begins with `above` and the next that begins with `below`, and says
    /// so. Rows above an earlier fold are past.
    pub(crate) fn fold(&mut self, above: &str, below: &str, what: &str) {
        let text = self.text();
        let find = |from: usize, begin: &str| {
            let at = text[from..].iter().position(|row| row.starts_with(begin));
            from + at
                .unwrap_or_else(|| panic!("no row begins `{begin}` after row {from}:\n{}", text.join("\n")))
        };
        let from = find(self.past, above) + 1;
        let to = find(from, below);
        let faint = Look {
            faint: true,
            ..Look::default()
        };
        let said = format!("  ⋯ {what}, {} lines", to - from);
        let said = said.chars().map(|c| (c, faint)).collect();
        self.rows.splice(from..to, [said]);
        self.past = from;
    }

    /// Draws it.
    pub(crate) fn svg(&self, title: &str, description: &str) -> String {
        let width = f64::from(self.columns) * CELL.0 + 2.0 * MARGIN;
        let rows = u32::try_from(self.rows.len()).unwrap();
        let height = BAR + f64::from(rows) * CELL.1 + 2.0 * MARGIN - 6.0;
        let mut svg = String::new();
        let middle = width / 2.0;
        let _ = write!(
            svg,
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" role="img" aria-labelledby="title description">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<style>
text {{ font: {FONT}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; fill: {INK}; white-space: pre }}
.b {{ font-weight: 700 }}
.f {{ fill: {FAINT} }}
"##
        );
        for (index, colour) in COLOURS.iter().enumerate() {
            if self
                .rows
                .iter()
                .flatten()
                .any(|(_, look)| look.colour == u8::try_from(index).ok())
            {
                let _ = writeln!(svg, ".c{index} {{ fill: {colour} }}");
            }
        }
        let _ = write!(
            svg,
            r##"</style>
<rect x="0.5" y="0.5" width="{:.0}" height="{:.0}" rx="11" fill="{GROUND}" stroke="#444c56"/>
<path d="M1 {BAR}V12A11 11 0 0 1 12 1H{:.0}A11 11 0 0 1 {:.0} 12V{BAR}Z" fill="{FRAME}"/>
<g fill="#545d68"><circle cx="22" cy="18.5" r="6"/><circle cx="42" cy="18.5" r="6"/><circle cx="62" cy="18.5" r="6"/></g>
<text class="f" x="{middle:.1}" y="23.5" text-anchor="middle">{title}</text>
"##,
            width - 1.0,
            height - 1.0,
            width - 12.0,
            width - 1.0,
        );
        for (index, row) in self.rows.iter().enumerate() {
            if row.is_empty() {
                continue;
            }
            let y = BAR + MARGIN + 8.0 + f64::from(u32::try_from(index).unwrap()) * CELL.1;
            let _ = write!(svg, r#"<text y="{y:.1}" xml:space="preserve">"#);
            let mut column = 0;
            for run in row.chunk_by(|(_, one), (_, other)| one == other) {
                let text: String = run.iter().map(|(c, _)| c).collect();
                let start = column;
                column += u32::try_from(run.len()).unwrap();
                let lead = u32::try_from(run.len() - text.trim_start().chars().count()).unwrap();
                let shown = text.trim();
                if shown.is_empty() {
                    continue;
                }
                // Where each run begins and how long it is: no font may push the next one out of its column.
                let x = MARGIN + f64::from(start + lead) * CELL.0;
                let length = f64::from(u32::try_from(shown.chars().count()).unwrap()) * CELL.0;
                let class = class(run[0].1);
                let _ = write!(
                    svg,
                    r#"<tspan{class} x="{x:.1}" textLength="{length:.1}">{}</tspan>"#,
                    escape(shown)
                );
            }
            svg.push_str("</text>\n");
        }
        svg.push_str("</svg>\n");
        svg
    }
}

fn look(cell: &vt100::Cell) -> Look {
    let colour = match cell.fgcolor() {
        vt100::Color::Idx(index) if index < 16 => Some(index),
        _ => None,
    };
    // Colours and weight are not seen in a blank.
    if cell.contents().trim().is_empty() {
        return Look::default();
    }
    Look {
        colour,
        bold: cell.bold(),
        faint: cell.dim(),
    }
}

fn class(look: Look) -> String {
    let mut names: Vec<String> = Vec::new();
    if look.bold {
        names.push("b".to_owned());
    }
    match look.colour {
        Some(colour) => names.push(format!("c{colour}")),
        None if look.faint => names.push("f".to_owned()),
        None => {}
    }
    match names.is_empty() {
        true => String::new(),
        false => format!(r#" class="{}""#, names.join(" ")),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
