# lb_room(NAME [USES room...] [LINKS library...])
# A room is a folder of src and a static library. It sees the rooms that it names in USES, which lie below it, and
# nothing else; a room without .c files is headers only. LINKS are third-party libraries: private to the room's own
# sources (its headers name none of them), and open to its tests.
function(lb_room name)
  cmake_parse_arguments(room "" "" "USES;LINKS" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY LB_ROOMS ${name})
  set_property(GLOBAL PROPERTY LB_ROOM_${name}_USES ${room_USES})
  set_property(GLOBAL PROPERTY LB_ROOM_${name}_LINKS ${room_LINKS})

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
  list(TRANSFORM room_USES PREPEND lb_)
  if(sources)
    add_library(lb_${name} STATIC ${sources})
    target_include_directories(lb_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(lb_${name} PUBLIC ${room_USES} PRIVATE lb_flags ${room_LINKS} m)
  else()
    add_library(lb_${name} INTERFACE)
    target_include_directories(lb_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(lb_${name} INTERFACE ${room_USES})
  endif()
endfunction()

# lb_room_links(OUT NAME): the third-party libraries of a room and of all the rooms that it uses.
function(lb_room_links out name)
  get_property(below GLOBAL PROPERTY LB_ROOM_${name}_USES)
  set(links "")
  foreach(room IN ITEMS ${name} LISTS below)
    get_property(own GLOBAL PROPERTY LB_ROOM_${room}_LINKS)
    list(APPEND links ${own})
  endforeach()
  list(REMOVE_DUPLICATES links)
  set(${out} ${links} PARENT_SCOPE)
endfunction()
