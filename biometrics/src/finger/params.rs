//! TEMPORARY experiment parameters.
#[macro_export]
macro_rules! p {
    ($name:literal, $default:expr) => {{
        static V: std::sync::OnceLock<f32> = std::sync::OnceLock::new();
        *V.get_or_init(|| {
            std::env::var($name)
                .ok()
                .and_then(|v| v.parse().ok())
                .unwrap_or($default)
        })
    }};
}
