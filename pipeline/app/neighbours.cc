#include "pipeline/app/neighbours.h"

#include <string_view>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/formats/delimited.h"

namespace kinflow {

std::shared_ptr<const family::NeighbourList> ReadNeighbours(const std::string& path) {
  DelimitedReader reader(path);
  if (reader.columns().size() < 2) {
    throw Error(ErrorId::kColumnMissing, "a list of neighbours has two columns")
        .InFile(path)
        .AtLine(1)
        .Remedy("write the names of two areas that are neighbours into each row, under a header");
  }
  auto list = std::make_shared<family::NeighbourList>();
  std::vector<std::string_view> fields;
  while (reader.Next(fields)) {
    if (fields[0].empty() || fields[1].empty()) {
      throw Error(ErrorId::kMalformed, "an area has no name")
          .InFile(path)
          .AtLine(reader.line_number())
          .Remedy("leave the row out, or name both areas");
    }
    list->pairs.emplace_back(fields[0], fields[1]);
  }
  return list;
}

}  // namespace kinflow
