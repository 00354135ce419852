/// Why a name cannot be one on Windows, or is another one there; `None` where it can.
///
/// The rules are those of "Naming Files, Paths, and Namespaces" in the documentation of Win32.
pub(crate) fn foreign_to_windows(name: &str) -> Option<&'static str> {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    if name.ends_with(['.', ' ']) {
        return Some("a part of the path ends in a dot or a blank, which Windows leaves out");
    }
    // What stands behind the first dot does not make it another device.
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_lowercase();
    let number = ["com", "lpt"].iter().find_map(|port| stem.strip_prefix(port));
    let port = number.is_some_and(|number| {
        let mut digits = number.chars();
        let digit = digits
            .next()
            .is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c));
        digit && digits.next().is_none()
    });
    let device = port || DEVICES.contains(&stem.as_str());
    device.then_some("a part of the path is the name of a device on Windows")
}
