//! A server that sends one long stream.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

/// Serves one stream of so many events, each with one word and so many bytes of padding beside it. Returns the port.
pub(crate) fn serve(events: usize, padding: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut asked = [0; 64 << 10];
        // The request is small: one read has all that matters of it.
        let _ = connection.read(&mut asked).unwrap();
        let event = format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word \"}}}}],\"padding\":\"{}\"}}\n\n",
            "x".repeat(padding)
        );
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        let stop =
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        connection.write_all(head.as_bytes()).unwrap();
        for _ in 0..events {
            connection.write_all(event.as_bytes()).unwrap();
        }
        connection.write_all(stop.as_bytes()).unwrap();
    });
    port
}
