#pragma once

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/column_table.h"
#include "pipeline/data/table.h"
#include "pipeline/graph/plan.h"

namespace kinflow {

using Manifests = std::vector<Manifest>;

/// A file that a run leaves in its output folder, made from the artifacts of one or more stages.
struct Product {
  std::string name;                 // "estimates": NAME.tsv and NAME.h5; or "variants.tsv.gz"
  std::vector<std::string> stages;  // ids; those without an artifact (failed, not run) are left out
  bool individual;                  // person rows: OUT/private, never OUT/share
  /// Small tables, written as TSV and HDF5.
  std::function<Table(const ArtifactStore&, const Manifests&)> table;
  /// Large ones, streamed to the path given.
  std::function<void(const ArtifactStore&, const Manifests&, const std::string&)> stream;
  bool first_needed = false;  // nothing to write without the artifact of the first stage
  std::string besides;        // what the content depends on besides the artifacts
  /// In place of `table` where there may be more columns than memory holds.
  std::function<ColumnTable(const ArtifactStore&, const Manifests&)> columns = {};
  /// A table without columns leaves no file, nor an earlier one; a stream may leave none.
  bool if_any = false;
  /// With more columns than these it is written as HDF5 alone.
  size_t most_text_columns = std::numeric_limits<size_t>::max();
  /// A large stream that shares nothing with others: made beside them where memory holds both.
  bool aside = false;
};

/// A function of one manifest as a function of the list that a product hands over.
template <class F>
auto OfFirst(F f) {
  return [f](const ArtifactStore& store, const Manifests& m, auto&&... rest) {
    return f(store, m.front(), std::forward<decltype(rest)>(rest)...);
  };
}

struct PublishOptions {
  std::string folder;
  bool links = false;         // OUT/NAME.tsv -> private|share/NAME.tsv (one-shot commands)
  uint64_t memory_bytes = 0;  // budget: what may be made side by side
};

/// FOLDER/NAME.tsv and FOLDER/NAME.h5; without `text` the latter alone.
void PublishTable(const Table& table, const std::string& name, const std::string& folder);
void PublishTable(const ColumnTable& table, const std::string& name, const std::string& folder,
                  bool text = true);
/// Takes a link away; a file stays.
void RemoveLink(const std::string& link);
/// `link` becomes a relative link to `target`, replacing one that was there. Throws kBadArgument if
/// it is a file.
void LinkTo(const std::string& target, const std::string& link);

/// Writes the products whose artifacts exist; a product that is there already, made from the same
/// artifact, is left alone (OUT/.published.json remembers). Returns what the folder holds besides,
/// as FOLDER/NAME: results of earlier runs that are none of these products.
std::vector<std::string> Publish(const std::vector<Product>& products, const Plan& plan,
                                 const ArtifactStore& store, const PublishOptions& options);

}  // namespace kinflow
