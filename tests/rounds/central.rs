pub fn round(_: &crate::kit::Plan) -> Vec<String> { Vec::new() }
