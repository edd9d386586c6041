//! A neural network in ONNX form, run by `rten` on a thread of its own.

use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use thiserror::Error;

/// Longest model file read at all: SFace has 38.7 MB.
pub const MAX_MODEL: usize = 64_000_000;

/// Why a model was refused, or did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Longer than [`MAX_MODEL`].
    #[error("{0} bytes are more than any model of ours has")]
    TooLong(usize),
    /// Not ONNX, damaged, or with operators that are not known.
    #[error("not a readable model: {0}")]
    Unreadable(String),
    /// A model, but not the one that is wanted here: an input or output is missing or of another
    /// shape.
    #[error("not the model that was asked for: {0}")]
    Another(&'static str),
    /// The network stopped with an error.
    #[error("the model did not run: {0}")]
    Run(String),
}

pub(super) struct Network {
    model: Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    options: RunOptions,
}

impl Network {
    pub fn new(
        bytes: Vec<u8>,
        input: &'static str,
        outputs: &[&'static str],
        threads: usize,
    ) -> Result<Self, ModelError> {
        if bytes.len() > MAX_MODEL {
            return Err(ModelError::TooLong(bytes.len()));
        }
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(bytes)
            .map_err(|e| ModelError::Unreadable(e.to_string()))?;
        let node = |name: &'static str| model.node_id(name).map_err(|_| ModelError::Another(name));
        let input = node(input)?;
        if model.input_ids() != [input] {
            return Err(ModelError::Another("its inputs"));
        }
        let outputs = outputs.iter().map(|o| node(o)).collect::<Result<_, _>>()?;
        // Not the runtime's own pool, which is the process's and outlives every network.
        let pool = Arc::new(ThreadPool::with_num_threads(threads.clamp(1, 64)));
        Ok(Self {
            model,
            input,
            outputs,
            options: RunOptions::default().with_thread_pool(Some(pool)),
        })
    }

    /// Runs the network over one picture, planes of red, green, blue (or the other way round).
    /// The outputs are flat, in the order asked for.
    pub fn run(&self, input: NdTensor<f32, 4>) -> Result<Vec<Vec<f32>>, ModelError> {
        let options = Some(self.options.clone());
        let input = vec![(self.input, input.into())];
        self.model
            .run(input, &self.outputs, options)
            .map_err(|e| ModelError::Run(e.to_string()))?
            .into_iter()
            .map(flat)
            .collect()
    }
}

fn flat(value: Value) -> Result<Vec<f32>, ModelError> {
    let tensor: Tensor<f32> = value
        .try_into()
        .map_err(|_| ModelError::Another("an output is not of floating point"))?;
    Ok(tensor.to_vec())
}
