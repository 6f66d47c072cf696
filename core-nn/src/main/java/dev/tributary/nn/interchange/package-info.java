/**
 * Models in and out of other worlds. {@link dev.tributary.nn.interchange.Tensors} are named arrays,
 * {@link dev.tributary.nn.interchange.Safetensors} and {@link dev.tributary.nn.interchange.Npz}
 * read and write them, {@link dev.tributary.nn.interchange.OnnxExport} writes a model with its
 * computation, and {@link dev.tributary.nn.interchange.ModelCard} says where a model comes from.
 */
@NullMarked
package dev.tributary.nn.interchange;

import org.jspecify.annotations.NullMarked;
