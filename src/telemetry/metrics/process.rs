//! The process: its build, its resources, its configuration and its certificate.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::SystemTime,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, family::Family, gauge::ConstGauge, gauge::Gauge},
    registry::Registry,
};
use tokio::sync::Semaphore;

use super::{Gauges, METRICS, Seconds, add};
use crate::epoch;

/// The version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that this build was made from, as far as the build was told.
pub const COMMIT: &str = match option_env!("SMSMUX_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

#[derive(Debug)]
pub(super) struct Process {
    started: SystemTime,
    reload_succeeded: Gauge,
    reload_time: Seconds,
    certificate_expiry: Gauges<1>,
    permits: Arc<Mutex<Vec<Permits>>>,
}

/// The permits of a server's calls, and how many there are in all.
#[derive(Debug)]
struct Permits(Weak<Semaphore>, usize);

impl Process {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let build = add(registry, "smsmux_build_info", "1, with the version in the labels", Family::default());
        let build: Gauges<2> = build;
        build.get_or_create_owned(&[("version", VERSION.into()), ("commit", COMMIT.into())]).set(1);
        let succeeded = "Whether the last configuration that was read is in use: 1 or 0";
        let read = "When the configuration in use was read";
        let expiry = "When a certificate of the server expires, by its place in the file";
        let (started, permits) = (SystemTime::now(), Arc::default());
        registry.register_collector(Box::new(Figures { started, permits: Arc::clone(&permits) }));
        Self {
            started,
            reload_succeeded: add(registry, "smsmux_config_last_reload_successful", succeeded, Gauge::default()),
            reload_time: add(registry, "smsmux_config_last_reload_success_timestamp_seconds", read, Seconds::default()),
            certificate_expiry: add(registry, "smsmux_certificate_expiry_timestamp_seconds", expiry, Family::default()),
            permits,
        }
    }
}

/// Returns when the process started.
pub fn started() -> SystemTime {
    METRICS.process.started
}

/// Notes that a configuration that was read just now is in use.
pub fn config_in_use() {
    METRICS.process.reload_succeeded.set(1);
    METRICS.process.reload_time.set(epoch::now().as_secs_f64());
}

/// Sets when the certificates of the server expire, in the order of their file.
pub fn certificates_expire(seconds: &[i64]) {
    let expiry = &METRICS.process.certificate_expiry;
    expiry.clear();
    for (place, second) in seconds.iter().enumerate() {
        expiry.get_or_create_owned(&[("certificate", (place + 1).to_string().into())]).set(*second);
    }
}

/// Notes that a new configuration is invalid, and the old one stays in use.
pub fn config_rejected() {
    METRICS.process.reload_succeeded.set(0);
}

/// Counts the calls that hold one of this many permits as calls in flight, as long as the semaphore is there.
pub fn count_in_flight(permits: &Arc<Semaphore>, all: usize) {
    let mut counted = METRICS.process.permits.lock().unwrap_or_else(PoisonError::into_inner);
    counted.retain(|Permits(semaphore, _)| semaphore.strong_count() > 0);
    counted.push(Permits(Arc::downgrade(permits), all));
}

/// What is looked up at each scrape.
#[derive(Debug)]
struct Figures {
    started: SystemTime,
    permits: Arc<Mutex<Vec<Permits>>>,
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut write = |name: &str, help: &str, metric: &dyn EncodeMetric| {
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
        };
        let counted = self.permits.lock().unwrap_or_else(PoisonError::into_inner);
        let in_flight = counted.iter().filter_map(|Permits(semaphore, all)| {
            Some(all.saturating_sub(semaphore.upgrade()?.available_permits()) as i64)
        });
        let in_flight = ConstGauge::new(in_flight.sum::<i64>());
        write("smsmux_calls_in_flight", "Calls in flight, without streams that have begun.", &in_flight)?;
        let started = ConstGauge::new(epoch::since(self.started).as_secs_f64());
        write("process_start_time_seconds", "When the process started.", &started)?;
        if let Some(cpu) = cpu_seconds() {
            write("process_cpu_seconds", "User and system time of the process.", &ConstCounter::new(cpu))?;
        }
        if let Some(bytes) = resident_bytes() {
            write("process_resident_memory_bytes", "Resident memory.", &ConstGauge::new(bytes))?;
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            // One of them is that of this look.
            let open = open.count().saturating_sub(1) as i64;
            write("process_open_fds", "Open files, connections included.", &ConstGauge::new(open))?;
        }
        #[cfg(unix)]
        if let Ok((limit, _)) = rlimit::Resource::NOFILE.get() {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            write("process_max_fds", "The most open files.", &ConstGauge::new(limit))?;
        }
        Ok(())
    }
}

/// Returns the CPU time of the process; `None` where the system has no `/proc`.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may contain spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_ascii_whitespace().skip(11);
    let ticks = ticks.next()?.parse::<u64>().ok()? + ticks.next()?.parse::<u64>().ok()?;
    // Linux counts 100 ticks a second for programs, whatever the kernel's own rate is.
    Some(ticks as f64 / 100.0)
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<i64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use super::super::{Format, render};
    use super::*;

    /// The value of a series.
    fn value(series: &str) -> Option<f64> {
        let text = render(Format::Text).expect("a text");
        text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
    }

    #[test]
    fn permits_that_are_taken_are_calls_in_flight_and_a_server_that_is_gone_has_none() {
        let server = Arc::new(Semaphore::new(3));
        count_in_flight(&server, 3);
        let before = value("smsmux_calls_in_flight").expect("a value");
        let permits = server.clone().try_acquire_many_owned(2).expect("permits");
        assert_eq!(value("smsmux_calls_in_flight"), Some(before + 2.0));
        drop(permits);
        drop(server);
        assert_eq!(value("smsmux_calls_in_flight"), Some(before));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_process_shows_what_it_takes() {
        let is_at_least = |series: &str, least: f64| {
            let value = value(series).unwrap_or_else(|| panic!("{series} is missing"));
            assert!(value >= least, "{series} {value}");
        };
        is_at_least("process_resident_memory_bytes", 1e6);
        is_at_least("process_open_fds", 3.0);
        is_at_least("process_max_fds", 3.0);
        is_at_least("process_cpu_seconds_total", 0.0);
        is_at_least("process_start_time_seconds", 1.7e9);
        let labels = format!(r#"smsmux_build_info{{version="{VERSION}",commit="{COMMIT}"}}"#);
        assert_eq!(value(&labels), Some(1.0));
    }
}
