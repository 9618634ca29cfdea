#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/family/results.h"

namespace kinflow::family {

/// Builds one table from row structs: each call adds a column read through `get`.
template <class Row>
class TableBuilder {
 public:
  explicit TableBuilder(const std::vector<Row>& rows) : rows_(rows) {}

  template <class Get>
  TableBuilder& Add(const std::string& name, Get get) {
    using Value = std::decay_t<decltype(get(std::declval<const Row&>()))>;
    std::vector<Value> column;
    column.reserve(rows_.size());
    for (const Row& row : rows_) column.push_back(get(row));
    table_.Add(name, std::move(column));
    return *this;
  }
  template <class T>
  TableBuilder& Add(const std::string& name, T Row::*member) {
    return Add(name, [member](const Row& row) { return row.*member; });
  }
  TableBuilder& Key(const std::string& name, std::string RowKey::*member) {
    return Add(name, [member](const Row& row) { return row.key.*member; });
  }
  /// The columns that name a model.
  TableBuilder& ModelKeys() {
    return Key("analysis_id", &RowKey::analysis_id)
        .Key("model_id", &RowKey::model_id)
        .Key("outcome", &RowKey::outcome)
        .Key("wave", &RowKey::wave)
        .Key("pgs", &RowKey::pgs);
  }
  TableBuilder& Na(const std::string& name) {
    return Add(name, [](const Row&) { return kNa; });
  }
  TableBuilder& NaText(const std::string& name) {
    return Add(name, [](const Row&) { return std::string("NA"); });
  }
  Table Take() { return std::move(table_); }

 private:
  const std::vector<Row>& rows_;
  Table table_;
};

}  // namespace kinflow::family
