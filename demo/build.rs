//! Compiles the emulator panel.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    slint_build::compile("ui/panel.slint")?;
    Ok(())
}
