#include "stages/formats/vcf_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

// What a message may show of a line: ids and genotypes come behind nine fixed columns, whose names
// are longer than this where blanks stand for the tabs.
std::string_view ShownPart(std::string_view line) {
  constexpr size_t kShown = 24;
  size_t end = line.find('\t');
  for (int columns = 1; columns < 5 && end != std::string_view::npos; ++columns) {
    end = line.find('\t', end + 1);
  }
  return line.substr(0, std::min(kShown, end));
}

constexpr std::array<std::string_view, 8> kColumns = {"#CHROM", "POS",  "ID",     "REF",
                                                      "ALT",    "QUAL", "FILTER", "INFO"};

// key=value pairs of "<ID=a,Description=\"x,y\">"; quoted values may hold commas.
std::map<std::string, std::string> Attributes(std::string_view body) {
  std::map<std::string, std::string> out;
  if (body.size() < 2 || body.front() != '<' || body.back() != '>') return out;
  body = body.substr(1, body.size() - 2);
  while (!body.empty()) {
    const size_t equals = body.find('=');
    if (equals == std::string_view::npos) break;
    const std::string key(body.substr(0, equals));
    body.remove_prefix(equals + 1);
    size_t end = 0;
    if (!body.empty() && body.front() == '"') {
      for (end = 1; end < body.size() && body[end] != '"'; ++end) {
        if (body[end] == '\\') ++end;
      }
      end = std::min(end + 1, body.size());
    } else {
      end = std::min(body.find(','), body.size());
    }
    out.emplace(key, body.substr(0, end));
    body.remove_prefix(end);
    if (!body.empty()) body.remove_prefix(1);
  }
  return out;
}

}  // namespace

bool VcfHeader::HasFormat(std::string_view id) const {
  return std::find(formats.begin(), formats.end(), id) != formats.end();
}

uint64_t VcfHeader::ContigLength(std::string_view name) const {
  for (const auto& contig : contigs) {
    if (contig.name == name) return contig.length;
  }
  return 0;
}

std::vector<std::string> VcfHeader::ContigNames() const {
  std::vector<std::string> names;
  for (const auto& contig : contigs) names.push_back(contig.name);
  return names;
}

std::vector<std::string> VcfHeader::QualityKeys() const {
  std::vector<std::string> keys;
  for (const char* key : {"R2", "DR2", "INFO", "IMP_INFO"}) {
    if (std::find(infos.begin(), infos.end(), key) != infos.end()) keys.emplace_back(key);
  }
  return keys;
}

VcfHeaderParser::VcfHeaderParser(std::string file, uint64_t max_bytes)
    : file_(std::move(file)), max_bytes_(max_bytes) {
  header_.dictionary.emplace_back("PASS");  // number 0 in every BCF
}

bool VcfHeaderParser::Line(std::string_view line) {
  ++header_.lines;
  bytes_ += line.size() + 1;
  if (bytes_ > max_bytes_) {
    throw Error(ErrorId::kLimitExceeded,
                fmt::format("the header is longer than {}", FormatBytes(max_bytes_)))
        .InFile(file_)
        .AtLine(header_.lines);
  }
  if (header_.lines == 1 && line.substr(0, 16) != "##fileformat=VCF") {
    throw Error(ErrorId::kFormatUnknown, "the first line is not ##fileformat=VCF")
        .InFile(file_)
        .AtLine(1)
        .Remedy(kGiveGenotypes);
  }
  if (line.substr(0, 2) == "##") {
    MetaLine(line.substr(2));
    return false;
  }
  if (line.substr(0, 6) == "#CHROM") {
    ColumnLine(line);
    return true;
  }
  throw Error(ErrorId::kMalformed, "the header has no #CHROM line before its first record")
      .InFile(file_)
      .AtLine(header_.lines)
      .Value(ShownPart(line))
      .Remedy("restore the header of the file (bcftools view -h on the original)");
}

Error VcfHeaderParser::Malformed(std::string what) const {
  return Error(ErrorId::kMalformed, std::move(what))
      .InFile(file_)
      .AtLine(header_.lines)
      .Remedy("write the header anew: bcftools view -h, correct it, bcftools reheader");
}

void VcfHeaderParser::MetaLine(std::string_view line) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view key = line.substr(0, equals), body = line.substr(equals + 1);
  std::vector<std::string> filters;
  if (key == "FORMAT") Declare(body, header_.formats);
  if (key == "INFO") Declare(body, header_.infos);
  if (key == "FILTER") Declare(body, filters);
  if (key == "contig") DeclareContig(body);
  if (key == "reference" && header_.reference.empty()) header_.reference = body;
}

void VcfHeaderParser::Declare(std::string_view body, std::vector<std::string>& ids) {
  const auto attributes = Attributes(body);
  const auto id = attributes.find("ID");
  if (id == attributes.end()) {
    throw Malformed("header line without an ID").Value(body);
  }
  ids.push_back(id->second);
  auto& dictionary = header_.dictionary;
  const auto idx = attributes.find("IDX");
  if (idx != attributes.end()) {
    const auto number = ParseUint(idx->second);
    if (!number || *number > 1'000'000) {
      throw Malformed("IDX of a header line is not a number").Value(idx->second);
    }
    if (dictionary.size() <= *number) dictionary.resize(*number + 1);
    dictionary[*number] = id->second;
  } else if (std::find(dictionary.begin(), dictionary.end(), id->second) == dictionary.end()) {
    dictionary.push_back(id->second);
  }
}

void VcfHeaderParser::DeclareContig(std::string_view body) {
  const auto attributes = Attributes(body);
  const auto id = attributes.find("ID");
  if (id == attributes.end()) {
    throw Malformed("contig line without an ID").Value(body);
  }
  ContigLine contig{id->second, 0};
  if (const auto length = attributes.find("length"); length != attributes.end()) {
    contig.length = ParseUint(length->second).value_or(0);
  }
  if (const auto assembly = attributes.find("assembly");
      assembly != attributes.end() && header_.build_text.empty()) {
    header_.build_text = assembly->second;
  }
  uint64_t at = header_.contigs.size();
  if (const auto idx = attributes.find("IDX"); idx != attributes.end()) {
    const auto number = ParseUint(idx->second);
    if (!number || *number > 1'000'000) {
      throw Malformed("IDX of a contig line is not a number").Value(idx->second);
    }
    at = *number;
  } else if (std::any_of(header_.contigs.begin(), header_.contigs.end(),
                         [&](const ContigLine& c) { return c.name == contig.name; })) {
    return;
  }
  if (header_.contigs.size() <= at) header_.contigs.resize(at + 1);
  header_.contigs[at] = std::move(contig);
}

void VcfHeaderParser::ColumnLine(std::string_view line) {
  const auto columns = Split(line, '\t');
  for (size_t c = 0; c < kColumns.size(); ++c) {
    if (c >= columns.size() || columns[c] != kColumns[c]) {
      throw Error(ErrorId::kMalformed,
                  fmt::format("column {} of the #CHROM line should be {}", c + 1, kColumns[c]))
          .InFile(file_)
          .AtLine(header_.lines)
          .Field(kColumns[c])
          .Value(c < columns.size() ? columns[c] : "")
          .Remedy("separate the columns of the #CHROM line with tabs");
    }
  }
  if (columns.size() < 10 || columns[8] != "FORMAT") {
    throw Error(ErrorId::kMalformed, "the file has no sample columns")
        .InFile(file_)
        .AtLine(header_.lines)
        .Remedy("give the file with genotypes, not a sites-only one");
  }
  std::vector<std::string> iids;
  for (size_t c = 9; c < columns.size(); ++c) {
    if (columns[c].empty()) {
      throw Malformed(fmt::format("sample {} has no name", c - 8));
    }
    iids.emplace_back(columns[c]);
  }
  header_.samples = SampleTable::Build({}, std::move(iids), {}, file_);
}

VcfHeader VcfHeaderParser::Finish() {
  if (!header_.samples) {
    throw Malformed("the header has no #CHROM line");
  }
  return std::move(header_);
}

}  // namespace kinflow
