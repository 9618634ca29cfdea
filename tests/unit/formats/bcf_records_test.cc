// The structure of BCF records: one written by hand from the format description (VCFv4.3, 6.3), and
// the same with a fault in each part.
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

template <class T>
std::string Raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// A typed text of up to 14 characters.
std::string Text(const std::string& text) {
  return Raw(static_cast<uint8_t>(text.size() << 4 | 7)) + text;
}

std::string Int(int8_t value) { return "\x11" + Raw(value); }

struct Parts {
  std::string ref = "A", alt = "C";
  std::string filter = Raw(uint8_t{0});
  std::string info = Int(1) + "\x15" + Raw(0.5f);  // R2
  std::string more;                                // behind it
  uint16_t n_info = 1;
  uint8_t n_format = 2;
  int8_t second = 3;  // key of FORMAT: DS
  std::string dosages = "\x15" + Raw(0.25f) + Raw(1.5f);
};

std::string WriteBcf(const Parts& p) {
  std::string header = VcfText({}, "A B", "##contig=<ID=1>\n");
  header.resize(header.find("\n", header.find("#CHROM")) + 1);
  header += '\0';
  const std::string shared = Raw(int32_t{0}) + Raw(int32_t{9}) + Raw(int32_t{1}) +
                             Raw(uint32_t{0x7F800001}) + Raw(p.n_info) + Raw(uint16_t{2}) +
                             Raw(uint32_t{2} | uint32_t{p.n_format} << 24) + Text("rs") +
                             Text(p.ref) + Text(p.alt) + p.filter + p.info + p.more;
  const std::string formats = Int(2) + "\x21" + "\x02\x04" + "\x04\x04" +  // GT
                              Int(p.second) + p.dosages;
  return WriteText("x.bcf", std::string("BCF\2\2") + Raw(static_cast<uint32_t>(header.size())) +
                                header + Raw(static_cast<uint32_t>(shared.size())) +
                                Raw(static_cast<uint32_t>(formats.size())) + shared + formats);
}

TEST(BcfRecords, WholeOne) {
  const Genotypes g = ReadFiles(Files({WriteBcf({})}));
  EXPECT_EQ(g.values[0], (std::vector<uint32_t>{250, 1500}));
  EXPECT_EQ(g.variants.info(0), 0.5f);
  EXPECT_EQ(g.variants.id(0), "rs");
}

// As bcftools writes a DS that the header declares as Type=String; GT alone is no reading of it.
TEST(BcfRecords, DosagesKeptAsText) {
  const std::string path = WriteBcf({.dosages = "\x47" + std::string("0.251.5\0", 8)});
  for (const char* field : {"DS", "auto"}) {
    GenotypeOptions options = Files({path});
    options.field = field;
    const Error error = ErrorOfFiles(options);
    EXPECT_EQ(error.id(), ErrorId::kMalformed);
    EXPECT_EQ(error.field(), "DS");
    EXPECT_EQ(error.record(), 1u);
    EXPECT_NE(error.remedy().find("bcftools view"), std::string::npos);
  }
  GenotypeOptions calls = Files({path});
  calls.field = "GT";
  EXPECT_EQ(ReadFiles(calls).values[0], (std::vector<uint32_t>{1, 2}));
}

TEST(BcfRecords, FaultsOfTheirParts) {
  const auto message = [](const Parts& parts) {
    const Error error = ErrorOfFiles(Files({WriteBcf(parts)}));
    EXPECT_EQ(error.id(), ErrorId::kMalformed);
    EXPECT_EQ(error.record(), 1u);
    EXPECT_FALSE(error.remedy().empty());
    return error.message();
  };
  EXPECT_NE(message({.ref = ""}).find("allele is empty"), std::string::npos);
  EXPECT_NE(message({.alt = ""}).find("allele is empty"), std::string::npos);
  EXPECT_NE(message({.n_format = 1}).find("2 FORMAT fields, the record counts 1"),
            std::string::npos);
  EXPECT_NE(message({.n_format = 3}).find("the record counts 3"), std::string::npos);
  EXPECT_NE(message({.second = 2}).find("FORMAT key twice"), std::string::npos);
  EXPECT_NE(message({.more = "garbage"}).find("bytes follow"), std::string::npos);
  EXPECT_NE(message({.n_info = 0}).find("bytes follow"), std::string::npos);
  EXPECT_NE(message({.n_info = 2}).find("shorter"), std::string::npos);
  EXPECT_NE(message({.info = Int(99) + "\x15" + Raw(0.5f)}).find("INFO key"), std::string::npos);
}

}  // namespace
}  // namespace kinflow
