#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace kinflow {

/// One SQL statement of a SqliteFile, which has to outlive it. Columns and parameters count from 0.
class SqliteStatement {
 public:
  /// True while there is a row. Throws kMalformed, or kWriteFailed of a file being written.
  bool Step();
  void Reset();
  int64_t Integer(int column) const;
  /// Bytes of a text or blob, valid until the next Step.
  std::string_view Bytes(int column) const;
  void Bind(int parameter, int64_t value);
  void BindText(int parameter, std::string_view text);  // `text` has to live until the next Reset
  void BindBlob(int parameter, std::string_view bytes);

 private:
  friend class SqliteFile;
  struct Free {
    void operator()(sqlite3_stmt* p) const;
  };
  SqliteStatement(class SqliteFile& file, const char* sql);
  class SqliteFile* file_;
  std::unique_ptr<sqlite3_stmt, Free> statement_;
};

/// A small SQLite database in a file. Read as an unchanging file, without locks, journals or any
/// code of its own (triggers, views), so that network file systems and foreign files do no harm.
/// Not thread-safe.
class SqliteFile {
 public:
  /// Throws kMissingFile, kUnreadableFile, kMalformed (no SQLite, or damaged).
  static SqliteFile OpenRead(const std::string& path, const std::string& remedy);
  /// Fills a new empty file of this name, without a journal: for partial files.
  static SqliteFile CreateNew(const std::string& path);

  bool HasTable(const std::string& name);
  SqliteStatement Prepare(const char* sql) { return {*this, sql}; }
  void Run(const char* sql);
  void Close();  // checked
  const std::string& path() const { return path_; }

 private:
  friend class SqliteStatement;
  struct Free {
    void operator()(sqlite3* p) const;
  };
  [[noreturn]] void Fail(std::string_view doing) const;
  std::string path_, remedy_;
  bool writing_ = false;
  std::unique_ptr<sqlite3, Free> db_;
};

}  // namespace kinflow
