//! Each test on SQLite and on PostgreSQL.

/// Makes a test on each engine of every function named.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(custompbx_testkit::server::Engine::Sqlite).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(custompbx_testkit::server::Engine::Postgres).await;
                }
            )*
        }
    };
}
pub(crate) use on_both_engines;
