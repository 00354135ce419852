use bytes::Bytes;
use proptest::prelude::proptest;

use super::{MultipartError, Part, parts};

fn part(name: &str, filename: Option<&str>, data: &str) -> Part {
    Part {
        name: name.to_owned(),
        filename: filename.map(str::to_owned),
        data: Bytes::copy_from_slice(data.as_bytes()),
    }
}

/// The bytes that clients really send for one upload, each with its content type.
const SENT: [(&str, &str); 3] = [
    // openai 3.54.0 for Python.
    (
        "multipart/form-data; boundary=1165584f0cfae1166cc5172f4e1e0a72",
        "--1165584f0cfae1166cc5172f4e1e0a72\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--1165584f0cfae1166cc5172f4e1e0a72\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n--1165584f0cfae1166cc5172f4e1e0a72\r\nContent-Disposition: form-data; name=\"file\"; filename=\"prüf %221%22.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n{\"custom_id\":\"a\"}\n\r\n--1165584f0cfae1166cc5172f4e1e0a72--\r\n",
    ),
    // openai 6.49.0 for Node.
    (
        "multipart/form-data; boundary=openai-zn4ym5f2bx",
        "--openai-zn4ym5f2bx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"prüf %221%22.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n{\"custom_id\":\"a\"}\n\r\n--openai-zn4ym5f2bx\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--openai-zn4ym5f2bx\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n--openai-zn4ym5f2bx--\r\n",
    ),
    // curl 7.88.
    (
        "multipart/form-data; boundary=------------------------41c3d29263e0a00a",
        "--------------------------41c3d29263e0a00a\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--------------------------41c3d29263e0a00a\r\nContent-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n--------------------------41c3d29263e0a00a\r\nContent-Disposition: form-data; name=\"file\"; filename=\"prüf %221%22.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n{\"custom_id\":\"a\"}\n\r\n--------------------------41c3d29263e0a00a--\r\n",
    ),
];

#[test]
fn the_forms_of_all_clients_are_read() {
    for (content_type, body) in SENT {
        let mut found = parts(content_type, &Bytes::from_static(body.as_bytes())).unwrap();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        let expected = [
            part("expires_after[seconds]", None, "3600"),
            part("file", Some("prüf \"1\".jsonl"), "{\"custom_id\":\"a\"}\n"),
            part("purpose", None, "batch"),
        ];
        assert_eq!(found, expected);
    }
}

fn read(content_type: &str, body: &str) -> Result<Vec<Part>, MultipartError> {
    parts(content_type, &Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn a_form_may_be_written_in_odd_ways() {
    let body = "preamble\r\n--a b \t\r\nX: y\r\ncontent-DISPOSITION:form-data;filename=\"a;b=\\\"c\\\\.x\" ; name=plain\r\n\r\n\r\n--a bc\r\n\r\n--a b\r\nContent-Disposition: form-data; name=\"\"; filename=old; filename*=UTF-8'en'n%C3%A4me\r\n\r\n\r\n--a b--\r\nepilogue";
    let expected = vec![
        part("plain", Some("a;b=\"c\\.x"), "\r\n--a bc\r\n"),
        part("", Some("näme"), ""),
    ];
    assert_eq!(
        read("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", body),
        Ok(expected)
    );
    assert_eq!(read("multipart/form-data; boundary=b", "--b--"), Ok(vec![]));
}

#[test]
fn what_is_no_form_is_told() {
    use MultipartError::{NoBoundary, NoName, NoPart, Open, TooMany};
    let kind = "multipart/form-data; boundary=b";
    let head = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n";
    let many = format!("{}--b--", format!("{head}\r\n").repeat(65));
    let cases = [
        ("application/json", "", NoBoundary),
        ("multipart/form-data", "", NoBoundary),
        ("multipart/form-data; boundary=", "", NoBoundary),
        ("multipart/mixed; boundary=b", "", NoBoundary),
        (kind, "", NoPart),
        (kind, "--c\r\n", NoPart),
        (kind, "--b", Open),
        (kind, "--b\r\n", Open),
        (kind, "--b\r\n--b--", NoName),
        (kind, "--b\r\n\r\nx\r\n--b--", NoName),
        (
            kind,
            "--b\r\nContent-Disposition: attachment; name=x\r\n\r\n\r\n--b--",
            NoName,
        ),
        (
            kind,
            "--b\r\nContent-Disposition: form-data; filename=x\r\n\r\n\r\n--b--",
            NoName,
        ),
        (kind, &format!("{head}x\r\n--c--"), Open),
        (kind, &many, TooMany),
    ];
    for (content_type, body, expected) in cases {
        assert_eq!(read(content_type, body), Err(expected), "{body:.80}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in "(--b|\r\n|\r|\n|--|-|b|Content-Disposition: form-data; name=\"x\"|;|\"|=|\\\\|é){0,24}") {
        let _ = read("multipart/form-data; boundary=b", &body);
        let _ = read(&format!("multipart/form-data; {body}"), &body);
    }
}
