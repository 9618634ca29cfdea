#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/data/table.h"
#include "pipeline/store/h5_column.h"
#include "pipeline/store/h5_dataset.h"

// Internal to the store: small tables as one dataset of records.
namespace kinflow::h5 {

/// Text of fixed length without the zeros that fill it up.
std::string_view Unpadded(const char* text, size_t length);

/// A record a row, of a compound type with a member a column. None if there is no such type: no
/// column, names that do not differ, or records too long for an object header. Refers to the table.
std::optional<Column> RecordsOf(std::string_view path, const Table& table);

/// Gives back the table.
class RecordReader {
 public:
  /// Throws kShardDamaged if the type is none that RecordsOf makes.
  explicit RecordReader(const Opened& data);
  void Append(const uint8_t* records, uint64_t rows);
  Table Take();

 private:
  struct Member {
    std::string name;
    size_t offset = 0, bytes = 0;
    Table::Column values;
  };
  size_t stride_;
  std::vector<Member> members_;
};

}  // namespace kinflow::h5
