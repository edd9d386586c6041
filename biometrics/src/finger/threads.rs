//! One piece of work shared between threads that end with the call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

/// Does tasks `0..tasks`, each once, on up to `threads` threads, of which the caller's is one.
/// Each thread begins with its own `start`; all of these come back in no particular order. A
/// thread that the system does not give is done without.
pub(crate) fn share<T: Send>(
    threads: usize,
    tasks: usize,
    start: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, usize) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let labour = || {
        let mut own = start();
        loop {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                return own;
            }
            work(&mut own, task);
        }
    };
    let labour = &labour;
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(tasks))
            .map_while(|_| Builder::new().spawn_scoped(scope, labour).ok())
            .collect();
        let mut all = vec![labour()];
        for helper in helpers {
            match helper.join() {
                Ok(own) => all.push(own),
                // Nothing in the work panics; if it ever did, its answer must not be left out.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
