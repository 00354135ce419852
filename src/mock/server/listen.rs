//! The door: a port of this machine that nobody else can reach.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Notify;

use super::line::Line;
use super::link::Link;
use super::play::Play;

/// How long an exchange that is under way may take when the server is told to end.
const GRACE: Duration = Duration::from_secs(5);

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long nothing is accepted when the process has no room for another connection.
const BREATH: Duration = Duration::from_millis(20);

/// The server is told to end.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    notify: Notify,
}

impl Stop {
    /// Tells it. Every exchange that is under way may end.
    pub(crate) fn tell(&self) {
        // Stored for the accepting loop, which may be busy; waiting connections are told by it.
        self.notify.notify_one();
    }
}

/// Binds a port of the loopback interface; 0 is one that is free. Nobody on another machine can reach it.
pub(crate) async fn bind(port: u16, v6: bool) -> io::Result<TcpListener> {
    let address: SocketAddr = if v6 {
        (Ipv6Addr::LOCALHOST, port).into()
    } else {
        (Ipv4Addr::LOCALHOST, port).into()
    };
    TcpListener::bind(address).await
}

/// What answers requests. A connection is closed without an answer where there is none.
pub(crate) trait Service: 'static {
    /// Answers a request; `line` tells the connection how to end.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        line: Arc<Line>,
    ) -> impl Future<Output = Option<http::Response<Play>>>;

    /// For how long connections are to be refused from now on; asked after each request.
    fn refuses(&self) -> Option<Duration>;

    /// Is told when it may refuse.
    fn wakes(&self) -> &Notify;
}

/// Accepts connections until it is told to stop, and lets those that are under way end in order for a while. How many
/// had to be cut.
pub(crate) async fn serve<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    stop: Arc<Stop>,
) -> io::Result<usize> {
    let address = listener.local_addr()?;
    let mut listener = Some(listener);
    let open = Rc::new(Open::default());
    let mut stopped = pin!(stop.notify.notified());
    loop {
        if let Some(time) = service.refuses() {
            drop(listener.take());
            // Bound and not listening: the system refuses by itself, and nobody else can have the port.
            let held = socket(address);
            let wait = pin!(tokio::time::sleep(time));
            if let Either::Left(_) = select(stopped.as_mut(), wait).await {
                break;
            }
            listener = held.and_then(|held| held.listen(BACKLOG)).ok();
        }
        let listening = match &listener {
            Some(listening) => listening,
            None => match socket(address).and_then(|socket| socket.listen(BACKLOG)) {
                Ok(again) => listener.insert(again),
                Err(_) => {
                    let wait = pin!(tokio::time::sleep(BREATH));
                    match select(stopped.as_mut(), wait).await {
                        Either::Left(_) => break,
                        Either::Right(_) => continue,
                    }
                }
            },
        };
        let next = {
            let accept = pin!(listening.accept());
            let wakes = pin!(service.wakes().notified());
            match select(stopped.as_mut(), select(accept, wakes)).await {
                Either::Left(_) => break,
                Either::Right((Either::Right(_), _)) => continue,
                Either::Right((Either::Left((accepted, _)), _)) => accepted,
            }
        };
        let Ok((stream, _)) = next else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (service, counted) = (Arc::clone(&service), Counted::new(&open));
        tokio::task::spawn_local(async move {
            converse(stream, service, &counted.0).await;
            drop(counted);
        });
    }
    drop(listener);
    open.ending.set(true);
    open.told.notify_waiters();
    let all = async {
        while open.count.get() > 0 {
            open.ended.notified().await;
        }
    };
    let _ = tokio::time::timeout(GRACE, all).await;
    Ok(open.count.get())
}

/// The connections that are open.
#[derive(Default)]
struct Open {
    count: Cell<usize>,
    ending: Cell<bool>,
    /// The server ends.
    told: Notify,
    /// A connection ended.
    ended: Notify,
}

/// Counts one connection for as long as it lives, however it ends.
struct Counted(Rc<Open>);

impl Counted {
    fn new(open: &Rc<Open>) -> Self {
        open.count.set(open.count.get() + 1);
        Self(Rc::clone(open))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.ended.notify_one();
    }
}

fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()?
    } else {
        TcpSocket::new_v4()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn converse<S: Service>(stream: tokio::net::TcpStream, service: Arc<S>, open: &Open) {
    let line = Arc::new(Line::default());
    let link = Link::new(stream, &line);
    let told = pin!(open.told.notified());
    let of_requests = Arc::clone(&line);
    let answer = service_fn(move |request| {
        let answer = Arc::clone(&service).answer(request, Arc::clone(&of_requests));
        async move { answer.await.ok_or(Unanswered) }
    });
    let connection = http1::Builder::new().serve_connection(link, answer);
    let mut connection = pin!(connection);
    if !open.ending.get()
        && let Either::Left(_) = select(connection.as_mut(), told).await
    {
        return;
    }
    line.end();
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// A request that gets no answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer, as the scenario has it")]
struct Unanswered;

/// Runs a server on this thread until it ends. Fails when the system cannot give what an event loop needs.
pub(crate) fn block_on<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let local = tokio::task::LocalSet::new();
    Ok(local.block_on(&runtime, work))
}
