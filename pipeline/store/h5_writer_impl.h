#pragma once

#include <span>
#include <string>

#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/h5_column.h"
#include "pipeline/store/h5_dataset.h"
#include "pipeline/store/h5_file.h"

// Internal to the store: what H5Writer and DosageWriter share.
namespace kinflow {

struct H5Writer::Impl {
  std::string path;
  h5::Id file;
  bool given_up = false;
  ChunkEncoder numbers{Compressor::kNumbers}, texts{Compressor::kText};

  /// Throws if the file was closed or given up.
  void CheckOpen() const;
  /// After a failed HDF5 call: removes the file, remembers the error, throws it with its cause.
  [[noreturn]] void Fail(std::string_view doing, std::string_view object);

  h5::Id Create(const std::string& dataset, const h5::Grid& grid, hid_t type, const void* fill,
                bool growing);
  void WriteChunk(hid_t dataset, std::string_view name, uint64_t row, uint64_t column,
                  std::span<const uint8_t> stored);
  /// A whole dataset; the second form from chunks that are encoded already.
  void Write(const h5::Column& column);
  void Write(const h5::Column& column, const std::vector<h5::StoredChunk>& chunks);
  void CloseDataset(h5::Id& dataset, std::string_view name);
  /// Scalar attribute, or an array of `n` if n >= 0.
  void WriteAttribute(const std::string& object, const std::string& name, hid_t type,
                      const void* value, int64_t n = -1);
};

}  // namespace kinflow
