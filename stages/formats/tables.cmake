target_sources(kinflow_formats PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/delimited.cc
  ${CMAKE_CURRENT_LIST_DIR}/frequency_file.cc
  ${CMAKE_CURRENT_LIST_DIR}/pedigree_table.cc
  ${CMAKE_CURRENT_LIST_DIR}/parent_sexes.cc
  ${CMAKE_CURRENT_LIST_DIR}/parent_pregnancies.cc
  ${CMAKE_CURRENT_LIST_DIR}/phenotype_table.cc
  ${CMAKE_CURRENT_LIST_DIR}/scale_score.cc
  ${CMAKE_CURRENT_LIST_DIR}/phenotype_merge.cc
  ${CMAKE_CURRENT_LIST_DIR}/pregnancy_join.cc
  ${CMAKE_CURRENT_LIST_DIR}/sample_ids.cc
  ${CMAKE_CURRENT_LIST_DIR}/id_join.cc
  ${CMAKE_CURRENT_LIST_DIR}/id_roles.cc)
target_link_libraries(kinflow_formats PUBLIC kinflow_config)
kinflow_alone(${CMAKE_CURRENT_LIST_DIR}/pedigree_table.cc ${CMAKE_CURRENT_LIST_DIR}/delimited.cc
  ${CMAKE_CURRENT_LIST_DIR}/id_roles.cc)
