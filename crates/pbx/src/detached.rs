//! Work that is done whether or not somebody waits for it: whoever asked for it may close the connection, which ends
//! everything that was begun for them.

/// Has it done to its end. A panic in it is one of the caller.
pub(crate) async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Only the end of the runtime cancels it, and that ends this as well.
            Err(_) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn it_goes_on_when_nobody_waits() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let work = to_its_end(async move {
            let _ = gone.await;
            let _ = done.send("done");
        });
        assert!(timeout(Duration::from_millis(10), work).await.is_err(), "it is given up");
        go.send(()).expect("the work goes on");
        assert_eq!(is_done.await, Ok("done"));
        assert_eq!(to_its_end(async { 7 }).await, 7);
    }

    #[tokio::test]
    #[should_panic(expected = "a fault")]
    async fn a_panic_is_not_lost() {
        to_its_end(async { panic!("a fault") }).await;
    }
}
