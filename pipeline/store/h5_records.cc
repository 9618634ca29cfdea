#include "pipeline/store/h5_records.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

namespace kinflow::h5 {
namespace {

// The fill value of a record lies in the object header, which holds 64 KiB, as do the names.
constexpr size_t kMostHeaderBytes = 16 << 10;

/// Where a column stands in a record.
struct Place {
  size_t offset = 0, bytes = 0;
};

size_t BytesOf(const Table::Column& column) {
  size_t bytes = sizeof(double);
  if (const auto* texts = std::get_if<Table::Strings>(&column)) {
    bytes = 1;
    for (const auto& text : *texts) bytes = std::max(bytes, text.size());
  }
  return bytes;
}

Id TypeOf(const Table::Column& column, size_t bytes) {
  if (std::holds_alternative<Table::Strings>(column)) return StringType(bytes);
  const bool whole = std::holds_alternative<Table::Ints>(column);
  return {H5Tcopy(whole ? H5T_STD_I64LE : H5T_IEEE_F64LE), &H5Tclose};
}

void PutMissing(const Table::Column& column, uint8_t* at) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  if (std::holds_alternative<Table::Ints>(column)) {
    std::memcpy(at, &Table::kMissingInt, sizeof Table::kMissingInt);
  } else if (std::holds_alternative<Table::Doubles>(column)) {
    std::memcpy(at, &kMissing, sizeof kMissing);
  }
}

/// Values of rows [row, row + rows), each into its record of `stride` bytes; texts into zeros.
void Put(const Table::Column& column, uint64_t row, uint64_t rows, size_t stride, uint8_t* at) {
  const auto put = [&](const auto& values) {
    for (uint64_t r = 0; r < rows; ++r) {
      const auto& value = values[row + r];
      if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Table::Strings>) {
        std::memcpy(at + r * stride, value.data(), value.size());
      } else {
        std::memcpy(at + r * stride, &value, sizeof value);
      }
    }
  };
  std::visit(put, column);
}

}  // namespace

std::string_view Unpadded(const char* text, size_t length) {
  while (length > 0 && text[length - 1] == '\0') --length;
  return {text, length};
}

std::optional<Column> RecordsOf(std::string_view path, const Table& table) {
  std::vector<Place> places;
  size_t bytes = 0, names = 0;
  for (size_t c = 0; c < table.columns(); ++c) {
    places.push_back({bytes, BytesOf(table.column(c))});
    bytes += places.back().bytes;
    names += table.name(c).size() + 32;
  }
  if (places.empty() || bytes > kMostHeaderBytes || names > kMostHeaderBytes) return std::nullopt;
  Column out;
  out.path = Absolute(path);
  out.grid = VectorGrid(table.rows(), bytes, true);
  out.type = Id(H5Tcreate(H5T_COMPOUND, bytes), &H5Tclose);
  out.fill.assign(bytes, 0);
  for (size_t c = 0; c < places.size(); ++c) {
    const Id type = TypeOf(table.column(c), places[c].bytes);
    const char* name = table.name(c).c_str();
    if (H5Tinsert(out.type.get(), name, places[c].offset, type.get()) < 0) return std::nullopt;
    PutMissing(table.column(c), &out.fill[places[c].offset]);
  }
  out.fill_chunk = [&table, places, bytes](uint64_t row, uint64_t rows, uint64_t, uint64_t,
                                           uint8_t* chunk) {
    for (size_t c = 0; c < places.size(); ++c) {
      Put(table.column(c), row, rows, bytes, chunk + places[c].offset);
    }
  };
  return out;
}

RecordReader::RecordReader(const Opened& data) : stride_(data.grid.element) {
  const hid_t record = data.type.get();
  const auto refuse = [&](bool ok) {
    if (!ok) throw ReadError("table has another type than expected", data.file, data.path);
  };
  const int n = H5Tget_nmembers(record);
  refuse(H5Tget_class(record) == H5T_COMPOUND && n > 0);
  for (unsigned i = 0; i < static_cast<unsigned>(n); ++i) {
    const Id type(H5Tget_member_type(record, i), &H5Tclose);
    char* name = H5Tget_member_name(record, i);
    refuse(type.valid() && name != nullptr);
    Member member{name, H5Tget_member_offset(record, i), H5Tget_size(type.get()), {}};
    H5free_memory(name);
    if (H5Tget_class(type.get()) == H5T_STRING && H5Tis_variable_str(type.get()) == 0) {
      member.values = Table::Strings();
    } else if (H5Tequal(type.get(), H5T_IEEE_F64LE) > 0) {
      member.values = Table::Doubles();
    } else {
      refuse(H5Tequal(type.get(), H5T_STD_I64LE) > 0);
      member.values = Table::Ints();
    }
    refuse(member.offset <= stride_ && member.bytes <= stride_ - member.offset);
    members_.push_back(std::move(member));
  }
}

void RecordReader::Append(const uint8_t* records, uint64_t rows) {
  for (Member& member : members_) {
    const uint8_t* at = records + member.offset;
    const auto append = [&](auto& values) {
      using Value = typename std::decay_t<decltype(values)>::value_type;
      for (uint64_t r = 0; r < rows; ++r) {
        if constexpr (std::is_same_v<Value, std::string>) {
          values.emplace_back(
              Unpadded(reinterpret_cast<const char*>(at + r * stride_), member.bytes));
        } else {
          Value value;
          std::memcpy(&value, at + r * stride_, sizeof value);
          values.push_back(value);
        }
      }
    };
    std::visit(append, member.values);
  }
}

Table RecordReader::Take() {
  Table table;
  for (Member& member : members_) table.Add(std::move(member.name), std::move(member.values));
  return table;
}

}  // namespace kinflow::h5
