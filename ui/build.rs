//! Compiles the pages and bundles the catalogues.

fn main() -> Result<(), slint_build::CompileError> {
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let asked_for = std::env::var_os("CARGO_FEATURE_ELEMENT_IDS").is_some();
    let config = slint_build::CompilerConfiguration::new()
        .with_bundled_translations("../lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Element ids, which tests and drivers look for.
        .with_debug_info(!release || asked_for);
    slint_build::compile_with_config("app.slint", config)
}
