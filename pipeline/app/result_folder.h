#pragma once

#include <string>

namespace kinflow {

/// Where a one-shot command leaves its files. `--out -`: a folder of its own under TMPDIR that goes
/// with this object; the command's main table then goes to standard output.
class ResultFolder {
 public:
  /// Throws kFolderNotWritable if no folder can be made for `-`.
  explicit ResultFolder(const std::string& out);
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  const std::string& path() const { return path_; }
  bool lasting() const { return lasting_; }
  /// For `-`: writes the folder's file `name` to standard output, if the command made it.
  void Print(const std::string& name) const;

 private:
  std::string path_;
  bool lasting_;
};

}  // namespace kinflow
