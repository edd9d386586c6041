//! Compiles the emulator panel.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::var_os("CARGO_FEATURE_SCREEN").is_some() {
        slint_build::compile("ui/panel.slint")?;
    }
    Ok(())
}
