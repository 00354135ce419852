use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Recorder;
use crate::interrupt::Interrupt;

/// How often a signal is asked for.
const TICK: Duration = Duration::from_millis(40);

/// How long an exchange that is under way may go on after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// How long nothing is accepted when the process has no room for another connection, which waits meanwhile.
const BREATH: Duration = Duration::from_millis(20);

/// Answers connections until a signal comes, then finishes what is under way, for at most ten seconds.
pub async fn serve(listener: TcpListener, recorder: Arc<Recorder>, interrupt: &Interrupt) {
    let mut connections = JoinSet::new();
    while interrupt.raised().is_none() {
        match timeout(TICK, listener.accept()).await {
            Ok(Ok((stream, _))) => {
                connections.spawn(connection(stream, Arc::clone(&recorder), interrupt.clone()));
            }
            // Too many open files fail at once, again and again.
            Ok(Err(_)) => sleep(BREATH).await,
            Err(_) => {}
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let end = Instant::now() + GRACE;
    while let Ok(Some(_)) = timeout(
        end.saturating_duration_since(Instant::now()),
        connections.join_next(),
    )
    .await
    {}
    recorder.stop();
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, recorder: Arc<Recorder>, interrupt: Interrupt) {
    // The first bytes of a stream must not wait for the next.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let recorder = Arc::clone(&recorder);
        async move { Ok::<_, Infallible>(recorder.handle(request).await) }
    });
    let mut served = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    while timeout(TICK, served.as_mut()).await.is_err() {
        if interrupt.raised().is_some() {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
            return;
        }
    }
}
