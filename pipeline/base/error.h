#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/error_catalog.h"

namespace kinflow {

/// The one exception type of kinflow. Thrown where a fault is found, with everything the user needs
/// to mend it; caught at two edges only: the task wrapper of the scan executor and main().
///
///   throw Error(ErrorId::kDosageInvalid, "dosage is not a number")
///       .InFile(path).AtRecord(17).AtPosition("20", 1000341).Field("DS").Value("0,5")
///       .Remedy("write decimals with a point");
///
/// Contract: no sample id, family id or phenotype value goes into any part (a row number does).
class Error : public std::exception {
 public:
  Error(ErrorId id, std::string what);

  Error& InFile(std::string_view file) &;
  Error& AtLine(uint64_t line, uint64_t column = 0) &;  // 1-based; column 0 = unknown
  Error& AtRecord(uint64_t record) &;                   // 1-based data record
  Error& AtPosition(std::string_view chrom, int64_t pos) &;
  Error& Field(std::string_view field) &;
  Error& Value(std::string_view value) &;  // cut to 60 characters, control characters escaped
  Error& Remedy(std::string_view remedy) &;
  Error& Context(std::string_view frame) &;  // added on the way up, outermost last

  template <class... A>
  Error&& InFile(A&&... a) && {
    return std::move(InFile(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& AtLine(A&&... a) && {
    return std::move(AtLine(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& AtRecord(A&&... a) && {
    return std::move(AtRecord(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& AtPosition(A&&... a) && {
    return std::move(AtPosition(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& Field(A&&... a) && {
    return std::move(Field(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& Value(A&&... a) && {
    return std::move(Value(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& Remedy(A&&... a) && {
    return std::move(Remedy(std::forward<A>(a)...));
  }
  template <class... A>
  Error&& Context(A&&... a) && {
    return std::move(Context(std::forward<A>(a)...));
  }

  ErrorId id() const { return id_; }
  ExitCode exit_code() const { return Describe(id_).exit_code; }
  const std::string& message() const { return message_; }
  const std::string& file() const { return file_; }
  uint64_t line() const { return line_; }
  uint64_t record() const { return record_; }
  const std::string& field() const { return field_; }
  const std::string& value() const { return value_; }
  const std::string& remedy() const { return remedy_; }
  /// The remedy, or the catalogue's advice where none was given.
  std::string Advice() const;
  /// "what (weights.txt line 7, field effect_weight, value 'x')", for tables: no id, no folder.
  std::string OneLine() const;

  /// Several lines: "file:line:col: error[E0415] what", where, value, remedy, context. No newline
  /// at the end.
  std::string Format() const;
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorId id_;
  std::string message_;
  std::string file_;
  uint64_t line_ = 0, column_ = 0, record_ = 0;
  std::string position_;
  std::string field_;
  std::string value_;
  std::string remedy_;
  std::vector<std::string> context_;
};

/// errno of a failed system call -> Error: ENOSPC and EDQUOT are resources (exit 7), the rest I/O.
/// `doing` reads like "write", `path` is the file.
Error SystemError(int errno_value, ErrorId io_id, std::string_view doing, std::string_view path);

}  // namespace kinflow
